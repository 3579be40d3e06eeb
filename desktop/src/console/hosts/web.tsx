// First: the imports below it make schemas.
import '@imagefleet/shared/common/operator/without-eval.ts';
import '@mantine/core/styles.css';
import '#console/ui/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Console } from '#console/app/console.tsx';
import { createWebHost } from './web-host.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Console host={createWebHost()} />
  </StrictMode>,
);
