import { describe, expect, it } from 'vitest';
import { FleetError } from '../errors/fleet-error.ts';
import { OPERATOR_API, type OperatorMethodName } from './operator-api.ts';
import { API_ROOT, pathFields, readInput, toRequest } from './operator-route.ts';

const NAMES = Object.keys(OPERATOR_API) as OperatorMethodName[];

describe('the request of a call', () => {
  it('carries the input of a GET in the query, as text', () => {
    expect(toRequest('listDeliveries', { state: 'failed', limit: 5, scope: 'fleet', cursor: undefined })).toEqual({
      http: 'GET',
      path: '/api/v1/deliveries',
      query: { state: 'failed', limit: '5', scope: 'fleet' },
    });
    expect(toRequest('listServers', {})).toEqual({ http: 'GET', path: '/api/v1/servers' });
  });

  it('carries the input of a POST in the body, as it is', () => {
    expect(toRequest('replayDeliveries', { all: true })).toEqual({
      http: 'POST',
      path: '/api/v1/deliveries/replay',
      body: { all: true },
    });
  });

  it('encodes the path of an image segment by segment', () => {
    expect(toRequest('getImage', { path: '图/a b#1.png' })).toEqual({
      http: 'GET',
      path: '/api/v1/images/%E5%9B%BE/a%20b%231.png',
    });
  });
});

describe('the fields of a path', () => {
  it('are decoded once', () => {
    expect(pathFields('getImage', '/api/v1/images/%E5%9B%BE/a%20b%231.png')).toEqual({ path: '图/a b#1.png' });
    expect(pathFields('listImages', '/api/v1/images')).toEqual({});
  });

  it.each([
    '/api/v1/images/%2e%2e/a.png',
    '/api/v1/images/a%2fb.png',
    '/api/v1/images/a//b.png',
    '/api/v1/images/x.exe',
  ])('are refused when they are none for an image: %s', (path) => {
    expect(() => pathFields('getImage', path)).toThrow(expect.objectContaining({ code: 'PATH_INVALID' }));
  });
});

describe('the input of a request', () => {
  it('reads numbers out of a query and fills in defaults', () => {
    expect(readInput('listDeliveries', { query: { limit: '20' } })).toEqual({ limit: 20, scope: 'server' });
    expect(readInput('listImages', {})).toEqual({ limit: 100 });
  });

  it('is not overruled by the query where the path has said it', () => {
    expect(readInput('getImage', { fields: { path: 'a.png' }, query: { path: 'b.png' } })).toEqual({ path: 'a.png' });
  });

  it('is refused with every problem and its place', () => {
    const read = () => readInput('listDeliveries', { query: { limit: '0', state: 'lost', scope: 'world' } });
    expect(read).toThrow(FleetError);
    expect(read).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    for (const place of ['limit: ', 'state: ', 'scope: ']) expect(read).toThrow(place);
  });

  it('is not answered with a sentence for each of thousands of wrong values', () => {
    const ids = Array.from({ length: 5000 }, () => 'x');
    const caught = (() => {
      try {
        return readInput('replayDeliveries', { body: { ids } });
      } catch (error) {
        return error;
      }
    })();
    expect((caught as FleetError).message.length).toBeLessThan(2000);
  });

  it('takes no text for a boolean in a body, and no body that is not an object', () => {
    expect(() => readInput('replayDeliveries', { body: { all: 'true' } })).toThrow('all: ');
    expect(() => readInput('replayDeliveries', { body: [] })).toThrow('must be a JSON object');
    expect(() => readInput('replayDeliveries', { body: 'all' })).toThrow('must be a JSON object');
  });
});

describe('the table', () => {
  it('has no two methods with the same HTTP method and path', () => {
    const places = NAMES.map((name) => `${OPERATOR_API[name].http} ${OPERATOR_API[name].path}`);
    expect(new Set(places).size).toBe(NAMES.length);
  });

  it.each(NAMES)('reads the input of %s back from its own request', (name) => {
    const inputs: Partial<Record<OperatorMethodName, object>> = {
      getImage: { path: '2014/4/15/a.jpg' },
      replayDeliveries: { server: 's2', scope: 'fleet' },
      lookupImages: { sha256: ['a'.repeat(64)] },
      setMaintenance: { name: '[::1]:42424', on: false, scope: 'fleet' },
      readServerHistory: { name: '图片 服务器%2F', from: 5, to: 6, points: 7 },
      explainServer: { name: 'a:1' },
    };
    const input = (inputs[name] ?? {}) as never;
    const request = toRequest(name, input);
    const fields = pathFields(name, request.path);
    const read = readInput(name, { fields, query: request.query, body: request.body });
    expect(read).toMatchObject(input);
    expect(request.path.startsWith(`${API_ROOT}/`)).toBe(true);
  });

  it('refuses a replay that does not say what to replay', () => {
    expect(() => readInput('replayDeliveries', { body: {} })).toThrow('say what to replay');
    expect(() => readInput('replayDeliveries', { body: { all: false } })).toThrow('say what to replay');
    expect(readInput('replayDeliveries', { body: { cause: 'PEER_DOWN' } })).toEqual({
      cause: 'PEER_DOWN',
      scope: 'server',
    });
  });
});
