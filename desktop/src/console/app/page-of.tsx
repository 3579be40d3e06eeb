import { lazy, Suspense, type ReactNode } from 'react';
import type { PageName } from './pages.ts';

/** Each page comes with its own script, so that the first one is there soon. */
const UploadPage = lazy(async () => ({
  default: (await import('#console/features/upload/upload-page.tsx')).UploadPage,
}));
const FleetPage = lazy(async () => ({ default: (await import('#console/features/fleet/fleet-page.tsx')).FleetPage }));
const ErrorsPage = lazy(async () => ({
  default: (await import('#console/features/errors/errors-page.tsx')).ErrorsPage,
}));
const ImagesPage = lazy(async () => ({
  default: (await import('#console/features/images/images-page.tsx')).ImagesPage,
}));

const COMPONENTS = { upload: UploadPage, fleet: FleetPage, errors: ErrorsPage, images: ImagesPage } as const;

export function PageOf({ page }: { readonly page: PageName }): ReactNode {
  const Component = COMPONENTS[page];
  return (
    <Suspense fallback={null}>
      <Component />
    </Suspense>
  );
}
