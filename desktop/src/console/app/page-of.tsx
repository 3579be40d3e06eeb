import { Suspense, use, useEffect, type ReactNode } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import type { Dropped } from '#console/features/upload/use-intake.ts';
import type { Handover } from '#console/ui/handover.ts';
import { bringMissingStyles } from './missing-styles.ts';
import { PageBoundary } from './page-boundary.tsx';
import { PageScripts } from './page-scripts.ts';
import { PAGE_ROLES, PAGES, type PageName } from './pages.ts';
import { untilIdle } from './until-idle.ts';

interface PageProps {
  /** Files that were dropped on any page. */
  readonly dropped: Handover<Dropped>;
}

type Draw = (props: PageProps) => ReactNode;

const LOADS: Readonly<Record<PageName, () => Promise<Draw>>> = {
  upload: async () => {
    const { UploadPage } = await import('#console/features/upload/upload-page.tsx');
    return ({ dropped }) => <UploadPage dropped={dropped} />;
  },
  fleet: async () => {
    const { FleetPage } = await import('#console/features/fleet/fleet-page.tsx');
    return () => <FleetPage />;
  },
  errors: async () => {
    const { ErrorsPage } = await import('#console/features/errors/errors-page.tsx');
    return () => <ErrorsPage />;
  },
  images: async () => {
    const { ImagesPage } = await import('#console/features/images/images-page.tsx');
    return () => <ImagesPage />;
  },
};

const SCRIPTS = new PageScripts(async (page, isAgain) => {
  const draw = await LOADS[page]();
  if (isAgain) await bringMissingStyles(document);
  return draw;
});

/** A page, or why it cannot be shown; whatever becomes of it, the shell around it stays. */
export function PageOf({ page, dropped }: PageProps & { readonly page: PageName }): ReactNode {
  return (
    <PageBoundary key={page} page={page} onRetry={() => SCRIPTS.forget(page)}>
      <Suspense fallback={null}>
        <Loaded page={page} dropped={dropped} />
      </Suspense>
    </PageBoundary>
  );
}

function Loaded({ page, dropped }: PageProps & { readonly page: PageName }): ReactNode {
  const draw = use(SCRIPTS.get(page));
  const { roles } = useSession();
  useEffect(() => {
    const others = PAGES.filter((name) => roles.includes(PAGE_ROLES[name]));
    void SCRIPTS.preload(others, untilIdle);
  }, [roles]);
  return draw({ dropped });
}
