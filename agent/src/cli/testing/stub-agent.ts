import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parse } from 'yaml';

/** Stands for `imagefleet agent --config FILE` in tests of the fleet: answers that it is ready, ends with its parent. */
const file = process.argv[process.argv.indexOf('--config') + 1] ?? '';
const config = parse(readFileSync(file, 'utf8')) as { listen: string; name: string };
if (config.name === process.env['STUB_FAILS']) {
  process.stderr.write('the stub fails as it was told\n');
  process.exit(2);
}
const [host, port] = config.listen.split(':');
process.stdout.write(
  `pool of ${String(process.env['UV_THREADPOOL_SIZE'])}, listen ${String(process.env['IMAGEFLEET_LISTEN'])}\n`,
);
createServer((request, response) => {
  if (request.url === '/api/v1/session/links' && process.env['STUB_GIVES_NO_LINK'] === undefined) {
    const url = `http://${config.listen}/console#token=one-time-token`;
    response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ url, expiresAt: 1 }));
  } else response.end('ready');
}).listen(Number(port), host);
process.on('disconnect', () => process.exit(0));
