import { Component, type ReactNode } from 'react';
import { PageFailure } from './page-failure.tsx';
import type { PageName } from './pages.ts';

interface Props {
  readonly page: PageName;
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

interface State {
  readonly error: unknown;
}

/** Keeps what goes wrong in a page within the page: React takes everything away otherwise, the queue's links as well. */
export class PageBoundary extends Component<Props, State> {
  override readonly state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  readonly #retry = (): void => {
    this.props.onRetry();
    this.setState({ error: null });
  };

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <PageFailure page={this.props.page} error={error} onRetry={this.#retry} />;
  }
}
