import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['shared/src', 'agent/src', 'agent/test', 'desktop/src', 'bench', 'scripts'];

export interface LayerReport {
  /** Source files that were looked at; packages do not count. */
  readonly fileCount: number;
  /** One sentence per import that points the wrong way. */
  readonly violations: readonly string[];
}

/** Judges every import below `root` by the rules of .dependency-cruiser.mjs. */
export async function checkLayers(root: string): Promise<LayerReport> {
  const config = await extractDepcruiseConfig(join(ROOT, '.dependency-cruiser.mjs'));
  const { options, ...ruleSet } = config;
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(folders, { ...options, baseDir: root, validate: true, ruleSet });
  const { modules, summary } = output as ICruiseResult;
  return {
    fileCount: modules.filter(({ source }) => FOLDERS.some((folder) => source.startsWith(`${folder}/`))).length,
    violations: summary.violations.map(({ rule, from, to }) => `${from} must not import ${to} (${rule.name})`),
  };
}

if (import.meta.main) {
  const { fileCount, violations } = await checkLayers(ROOT);
  for (const violation of violations) console.error(violation);
  // A rule set that saw nothing would find nothing: a moved folder must not make the check silently pass.
  if (fileCount === 0) console.error('no source file was found to check');
  console.log(`layers: ${String(fileCount)} files, ${String(violations.length)} wrong imports`);
  if (fileCount === 0 || violations.length > 0) process.exitCode = 1;
}
