import { parseArgs } from 'node:util';
import { openStatusFile } from 'imagefleet/resolver';
import Koa from 'koa';
import { openSession, type OpenSession } from '../state-server/open-session.ts';

const { values } = parseArgs({
  options: {
    'status-file': { type: 'string', default: 'server_status.json' },
    port: { type: 'string', default: '8080' },
  },
});

// These two lines, and `fleet.resolve(id)` in open-session.ts, are all that the application has of Imagefleet.
const fleet = await openStatusFile(values['status-file']);
fleet.onChange(({ servers }) => console.log(`${String(servers.filter(({ online }) => online).length)} servers online`));

const app = new Koa<{ opened: OpenSession }>();

app.use(async (context, next) => {
  const opened = await openSession(fleet, context.cookies.get('session'));
  if (opened === undefined) {
    context.status = 503;
    context.body = 'no state server answers';
    return;
  }
  context.state.opened = opened;
  context.cookies.set('session', opened.id, { httpOnly: true, sameSite: 'lax' });
  await next();
  await opened.save();
});

app.use((context) => {
  const { session, server } = context.state.opened;
  session.visits += 1;
  context.body = { visits: session.visits, keptOn: `${server.host}:${String(server.port)}`, process: process.pid };
});

const server = app.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${String(typeof address === 'object' ? address?.port : address)}`);
});
