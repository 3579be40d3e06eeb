// First: the imports below it make schemas.
import '@imagefleet/shared/common/operator/without-eval.ts';
import '@mantine/core/styles.css';
import '#console/ui/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { DesktopBridge } from '#bridge/desktop-bridge.ts';
import { Console } from '#console/app/console.tsx';
import { createDesktopHost } from './desktop-host.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('desktop.html has no #root');
const { imagefleet } = window as { readonly imagefleet?: DesktopBridge };
if (imagefleet === undefined) throw new Error('the preload has put no bridge into this page');
createRoot(root).render(
  <StrictMode>
    <Console host={createDesktopHost(imagefleet)} />
  </StrictMode>,
);
