import { MutationObserver, onlineManager, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { createQueryClient } from './query-client.ts';

afterEach(() => onlineManager.setOnline(true));

it('asks and changes also while the browser says that it is offline: the server may stand beside it', async () => {
  onlineManager.setOnline(false);
  const client = createQueryClient();
  const end = new QueryObserver(client, { queryKey: ['a'], queryFn: async () => 'an answer' }).subscribe(
    () => undefined,
  );
  await expect.poll(() => client.getQueryData(['a'])).toBe('an answer');
  const change = new MutationObserver<string>(client, { mutationFn: async () => 'changed' }).mutate();
  expect(await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 2000, 'waits'))])).toBe('changed');
  end();
  client.clear();
});
