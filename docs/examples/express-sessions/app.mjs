import { parseArgs } from 'node:util';
import express from 'express';
import { openStatusFile } from 'imagefleet/resolver';
import { openSession } from '../state-server/open-session.ts';

const { values } = parseArgs({
  options: {
    'status-file': { type: 'string', default: 'server_status.json' },
    port: { type: 'string', default: '8080' },
  },
});

// These two lines, and `fleet.resolve(id)` in open-session.ts, are all that the application has of Imagefleet.
const fleet = await openStatusFile(values['status-file']);
fleet.onChange(({ servers }) => console.log(`${servers.filter(({ online }) => online).length} servers online`));

const app = express();

app.use(async (request, response, next) => {
  const cookie = /(?:^|;\s*)session=([a-z0-5]+)/.exec(request.headers.cookie ?? '')?.[1];
  request.opened = await openSession(fleet, cookie);
  if (request.opened === undefined) {
    response.status(503).send('no state server answers');
    return;
  }
  response.setHeader('Set-Cookie', `session=${request.opened.id}; Path=/; HttpOnly; SameSite=Lax`);
  next();
});

app.get('/', async (request, response) => {
  const { session, server, save } = request.opened;
  session.visits += 1;
  await save();
  response.json({ visits: session.visits, keptOn: `${server.host}:${server.port}`, process: process.pid });
});

const server = app.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
