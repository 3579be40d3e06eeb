import { Gauge, type Registry } from 'prom-client';
import type { TreeCheck } from './tree-check.ts';

/** What the comparison of records and files has found since the start, for /metrics. */
export function treeCheckMetrics(registry: Registry, check: Pick<TreeCheck, 'report'>): void {
  const registers = [registry];
  new Gauge({
    name: 'imagefleet_tree_check_done',
    help: '1 when records and files have been compared since the start.',
    registers,
    collect() {
      this.set(check.report.state === 'done' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'imagefleet_tree_checked',
    help: 'Records and files that have been compared since the start.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.set({ kind: 'record' }, check.report.recordsChecked);
      this.set({ kind: 'file' }, check.report.filesChecked);
    },
  });
  new Gauge({
    name: 'imagefleet_records_without_file',
    help: 'Records whose file was found to be gone or of another size.',
    registers,
    collect() {
      this.set(check.report.recordsWithoutFile);
    },
  });
  new Gauge({
    name: 'imagefleet_files_without_record',
    help: 'Image files that were found to have no record.',
    registers,
    collect() {
      this.set(check.report.filesWithoutRecord);
    },
  });
  new Gauge({
    name: 'imagefleet_other_spellings_dropped',
    help: 'Image files that lost to another spelling of their path and were moved to the trash since the start.',
    registers,
    collect() {
      this.set(check.report.otherSpellings);
    },
  });
}
