import { describe } from 'vitest';
import type { CatalogFactory } from './catalog-builders.ts';
import { deliveryContract } from './catalog-delivery-contract.ts';
import { factContract } from './catalog-fact-contract.ts';
import { lookupContract } from './catalog-lookup-contract.ts';
import { mergeContract } from './catalog-merge-contract.ts';
import { queueContract } from './catalog-queue-contract.ts';
import { repairContract } from './catalog-repair-contract.ts';
import { writeContract } from './catalog-write-contract.ts';

/** What every Catalog must do. */
export function catalogContract(make: CatalogFactory): void {
  describe('own writes', () => writeContract(make));
  describe('records from peers', () => mergeContract(make));
  describe('looking up', () => lookupContract(make));
  describe('the queue of deliveries', () => queueContract(make));
  describe('how deliveries end', () => deliveryContract(make));
  describe('facts', () => factContract(make));
  describe('what two catalogs are compared by', () => repairContract(make));
}
