import type { Proof, ProofServer } from '@imagefleet/shared/common/operator/repair-schemas.ts';

/** A document is read by people who have no program at hand, so it speaks both languages by itself. */
export const BASIS: Proof['basis'] = {
  en:
    'Each digest covers path, version, kind and SHA-256 of every record whose last change is not after the cut-off; ' +
    'an image that was changed later is in none of them. Each server hashed the bytes of an image when it stored it, ' +
    'at hashedSince or later, and has not read them again since: damage to a file after that does not show here. ' +
    '"imagefleet verify" looks for files that are gone or have another size.',
  zh:
    '每个摘要涵盖最后一次变更不晚于截止时间的全部记录的路径、版本、类型和 SHA-256；此后变更过的图片不计入。' +
    '各服务器在保存图片时（hashedSince 或更晚）计算过其字节的哈希，此后没有重新读取：保存之后文件发生的损坏不会在此显现。' +
    '“imagefleet verify” 会检查文件是否丢失或大小不符。',
};

interface Stated {
  readonly asOf: string;
  readonly servers: readonly ProofServer[];
}

export function statementOf({ asOf, servers }: Stated): Proof['statement'] {
  const namesOf = (state: ProofServer['state']): string =>
    servers
      .filter((one) => one.state === state)
      .map(({ server }) => server)
      .join(', ');
  const { images, bytes } = servers[0] ?? { images: 0, bytes: 0 };
  const [same, differs, silent] = [namesOf('same'), namesOf('differs'), namesOf('silent')];
  const set = { images: String(images ?? 0), bytes: String(bytes ?? 0) };
  return {
    en: [
      `As of ${asOf} these servers held the same set of ${set.images} images with ${set.bytes} bytes: ${same}.`,
      ...(differs === '' ? [] : [`These held another set: ${differs}.`]),
      ...(silent === '' ? [] : [`These did not answer, and nothing is said of them: ${silent}.`]),
    ].join(' '),
    zh: [
      `截至 ${asOf}，以下服务器持有相同的 ${set.images} 张图片，共 ${set.bytes} 字节：${same}。`,
      ...(differs === '' ? [] : [`以下服务器持有的集合不同：${differs}。`]),
      ...(silent === '' ? [] : [`以下服务器没有应答，对其不作任何说明：${silent}。`]),
    ].join(''),
  };
}
