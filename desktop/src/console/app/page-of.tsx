import { Suspense, use, useEffect, type ReactNode } from 'react';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { bringMissingStyles } from './missing-styles.ts';
import { PageBoundary } from './page-boundary.tsx';
import { PageScripts } from './page-scripts.ts';
import { PAGE_ROLES, type PageName, type ScriptName } from './pages.ts';
import { untilIdle } from './until-idle.ts';
import type { Drops } from './use-drops.ts';
import { usePages } from './use-place.ts';

interface PageProps {
  readonly drops: Drops;
}

type Draw = (props: PageProps) => ReactNode;

const LOADS: Readonly<Record<ScriptName, () => Promise<Draw>>> = {
  upload: async () => {
    const { UploadPage } = await import('#console/features/upload/upload-page.tsx');
    return ({ drops }) => <UploadPage dropped={drops.things} />;
  },
  queue: async () => {
    const { QueuePage } = await import('#console/features/queue/queue-page.tsx');
    return ({ drops }) => <QueuePage dropped={drops.places} />;
  },
  settings: async () => {
    const { SettingsPage } = await import('#console/features/settings/settings-page.tsx');
    return () => <SettingsPage />;
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
export function PageOf({ page, drops }: PageProps & { readonly page: PageName }): ReactNode {
  const isDesktop = useHost().capabilities.desktop !== null;
  return (
    <PageBoundary key={page} page={page} onRetry={() => SCRIPTS.forget(scriptOf(page, isDesktop))}>
      <Suspense fallback={null}>
        <Loaded page={page} drops={drops} />
      </Suspense>
    </PageBoundary>
  );
}

function Loaded({ page, drops }: PageProps & { readonly page: PageName }): ReactNode {
  const isDesktop = useHost().capabilities.desktop !== null;
  const draw = use(SCRIPTS.get(scriptOf(page, isDesktop)));
  const { roles } = useSession();
  const pages = usePages();
  useEffect(() => {
    const others = pages.filter((name) => roles.includes(PAGE_ROLES[name]));
    const scripts = others.map((name) => scriptOf(name, isDesktop));
    void SCRIPTS.preload(scripts, untilIdle);
  }, [roles, pages, isDesktop]);
  return draw({ drops });
}

function scriptOf(page: PageName, isDesktop: boolean): ScriptName {
  return page === 'upload' && isDesktop ? 'queue' : page;
}
