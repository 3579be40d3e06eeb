import { mkdirSync } from 'node:fs';
import multer from '@koa/multer';
import Koa from 'koa';

/**
 * What the fleet is measured against: a bare Koa with @koa/multer that writes each upload to a file and nothing else.
 * No hash, no sync, no copies, no ledger. Argument: the folder. Prints its port.
 */
const [folder = '.'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const app = new Koa();
app.use(multer({ storage: multer.diskStorage({ destination: folder }) }).single('file'));
app.use((context) => {
  context.status = 201;
  context.body = { stored: true };
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
});
// The bench holds the other end of standard input: it closes when the bench ends, however it ends.
process.stdin.on('end', () => process.exit(0)).resume();
