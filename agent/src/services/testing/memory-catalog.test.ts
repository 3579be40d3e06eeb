import { describe } from 'vitest';
import { repairContract } from '#store/testing/catalog-repair-contract.ts';
import { MemoryCatalog } from './memory-catalog.ts';

describe('what two catalogs in memory are compared by', () => repairContract(() => new MemoryCatalog()));
