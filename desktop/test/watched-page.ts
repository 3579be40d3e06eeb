import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

export type Language = 'en' | 'zh';
export type Theme = 'light' | 'dark';

/** A page that remembers what a browser complains of: errors in the console, exceptions, and broken policies. */
export class WatchedPage {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
  }

  static async open(context: BrowserContext): Promise<WatchedPage> {
    const page = await context.newPage();
    const watched = new WatchedPage(page);
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
        console.error('policy', violatedDirective, blockedURI, sourceFile);
      });
    });
    return watched;
  }

  /** As an operator chose in an earlier visit. */
  async prefer(language: Language, theme: Theme): Promise<void> {
    await this.page.evaluate(
      ([chosenLanguage, chosenTheme]) => {
        localStorage.setItem('imagefleet.language', chosenLanguage);
        localStorage.setItem('mantine-color-scheme-value', chosenTheme);
      },
      [language, theme] as const,
    );
    await this.page.reload();
  }

  /** What axe finds wrong for people who use the page otherwise than with eyes and a mouse. */
  async axeFindings(): Promise<readonly string[]> {
    // Evaluated and not added as a script, which the page's policy forbids.
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<axe.AxeResults>('axe.run()');
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
    );
  }
}
