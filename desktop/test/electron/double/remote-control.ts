import { app } from './app.ts';
import { notes } from './notes.ts';

/** What a test can do to the system around the app, from its own process. */
export type RemoteOrder =
  | { readonly do: 'look' }
  | { readonly do: 'clickMenu'; readonly label: string }
  | { readonly do: 'clickNotice'; readonly index: number }
  | { readonly do: 'choose'; readonly paths: readonly string[] }
  | { readonly do: 'lockKeychain' }
  | { readonly do: 'quit' };

interface Order {
  readonly id: number;
  readonly order: RemoteOrder;
}

process.on('message', ({ id, order }: Order) => {
  try {
    process.send?.({ id, notes: carryOut(order) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});

// A test that died leaves nothing behind: the browser and the engine end with this process.
process.once('disconnect', () => process.exit(1));

function carryOut(order: RemoteOrder): unknown {
  switch (order.do) {
    case 'look':
      break;
    case 'clickMenu':
      itemOf(order.label)();
      break;
    case 'clickNotice':
      notes.notices[order.index]?.click();
      break;
    case 'choose':
      notes.chosen.push(...order.paths);
      break;
    case 'lockKeychain':
      notes.isKeychainLocked = true;
      break;
    case 'quit':
      app.quit();
      break;
  }
  // As text: functions do not cross the border.
  return JSON.parse(JSON.stringify(notes));
}

function itemOf(label: string): () => void {
  const click = notes.tray?.menu.find((item) => item.label === label)?.click;
  if (click === undefined) throw new Error(`the tray's menu has nothing to click on at "${label}"`);
  return click;
}
