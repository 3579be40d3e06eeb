import { Notification } from 'electron';
import type { Notice } from '#main/incident-notice.ts';

/** One that is collected before it is clicked on leads nowhere. */
const shown = new Set<Notification>();

export function showNotice({ title, body }: Notice, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  const forget = (): void => void shown.delete(notification);
  notification.once('click', () => {
    forget();
    onClick();
  });
  notification.once('close', forget);
  shown.add(notification);
  notification.show();
}
