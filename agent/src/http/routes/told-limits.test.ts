import { expect, it, onTestFinished } from 'vitest';
import { lookupAnswer } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { acceptedMediaTypes } from '@imagefleet/shared/node/image-type.ts';
import { KEY, startTestAgent } from '../testing/test-agent.ts';

it('a look-up tells what the server takes, also when it asks for no hash', async () => {
  const agent = await startTestAgent({ limits: { fileSize: '2KB', filesPerRequest: 3, svg: true } });
  onTestFinished(() => agent.stop());
  const response = await fetch(`${agent.url}/api/v1/images/lookup`, {
    ...{ method: 'POST', body: '{"sha256":[]}' },
    headers: { authorization: `Bearer ${KEY}` },
  });
  const { images, limits } = lookupAnswer.parse(await response.json());
  expect(images).toEqual([]);
  expect(limits).toEqual({ fileSizeBytes: 2048, filesPerRequest: 3, mediaTypes: acceptedMediaTypes({ svg: true }) });
});
