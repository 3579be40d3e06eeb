import { Group, Kbd, Modal, Table } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { GO } from './key-strokes.ts';
import { SHELL_TEXTS } from './shell-texts.ts';
import { usePages } from './use-place.ts';

const TEXTS = {
  en: {
    title: 'Keys',
    close: 'Close',
    key: 'Key',
    meaning: 'What it does',
    search: 'Search on this page',
    keys: 'This list',
  },
  zh: { title: '快捷键', close: '关闭', key: '按键', meaning: '作用', search: '在本页搜索', keys: '显示本列表' },
} as const satisfies Texts<string>;

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every key that means something outside of fields (key-strokes.ts). */
export function KeysDialog({ isOpen, onClose }: Props): ReactNode {
  const t = useTexts('keys', TEXTS);
  const page = useTexts('shell', SHELL_TEXTS);
  const pages = usePages();
  const ways = Object.entries(GO).filter(([, name]) => pages.includes(name));
  const rows: readonly (readonly [keys: readonly string[], meaning: string])[] = [
    [['u'], page('upload')],
    ...ways.map(([key, name]) => [['g', key], page(name)] as const),
    [['/'], t('search')],
    [['?'], t('keys')],
  ];
  return (
    // Its lock of the scroll bar would write a style into the page, which the policy forbids; the page does not scroll.
    <Modal.Root opened={isOpen} onClose={onClose} size="sm" lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          {/* Mantine's own head of a dialog counts as one of the page. */}
          <Group justify="space-between" mb="xs">
            <Modal.Title>{t('title')}</Modal.Title>
            <Modal.CloseButton aria-label={t('close')} />
          </Group>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('key')}</Table.Th>
                <Table.Th>{t('meaning')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(([keys, meaning]) => (
                <Table.Tr key={keys.join(' ')}>
                  <Table.Td>
                    {keys.map((key, index) => (
                      <Fragment key={index}>
                        {index > 0 && ' '}
                        <Kbd>{key}</Kbd>
                      </Fragment>
                    ))}
                  </Table.Td>
                  <Table.Td>{meaning}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
