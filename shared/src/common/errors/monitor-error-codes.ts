import type { ErrorCodeEntry } from './error-code-entry.ts';

/** The codes of the monitor, its probes, and the status files; a part of ERROR_CODES. */
export const MONITOR_ERROR_CODES = {
  // Status files
  STATUS_HOST_TWICE: {
    status: 500,
    retryable: false,
    hint:
      'ASP.NET tells servers apart by their host alone. Watch one port of a host only, give the other one another name ' +
      'of that host, or write this file as json or nginx.',
  },
  STATUS_HOST_INVALID: {
    status: 500,
    retryable: false,
    hint: 'A host is a name or an address, without spaces, brackets and control characters, at most 255 characters.',
  },
  STATUS_FILE_INVALID: {
    status: 500,
    retryable: false,
    hint: 'The file is none of the three forms, or damaged. A running monitor writes it anew; remove it if it stays so.',
  },
  STATUS_UNREADABLE: {
    status: 500,
    retryable: true,
    hint: 'Does the monitor run, does it write to this path, and may this program read the file?',
  },
  STATUS_UNWRITABLE: {
    status: 500,
    retryable: true,
    hint: 'Make the folder, or let the monitor write to it. It tries again by itself; the other status files go on.',
  },
  // Probes of watched servers
  PROBE_REFUSED: {
    status: 502,
    retryable: true,
    hint: 'Is the program there running, and does it listen at this port?',
  },
  PROBE_TIMEOUT: {
    status: 504,
    retryable: true,
    hint: 'Look whether the server runs, whether its program hangs, and whether a firewall drops packets.',
  },
  PROBE_UNREACHABLE: {
    status: 502,
    retryable: true,
    hint: 'Look whether the server is switched on, and at the routes and firewalls between here and there.',
  },
  PROBE_STATUS: { status: 502, retryable: true, hint: 'Open the address of the probe, and look at the log there.' },
  PROBE_BODY: {
    status: 502,
    retryable: true,
    hint: 'Open the address of the probe, and compare the page with the expected text.',
  },
  PROBE_ANSWER_INVALID: {
    status: 502,
    retryable: true,
    hint: 'Does the program at this port speak HTTP, and HTTPS where HTTPS is asked for?',
  },
  PROBE_CERTIFICATE: {
    status: 502,
    retryable: true,
    hint: 'Renew the certificate, or give it this name; a CA of your own is made known by NODE_EXTRA_CA_CERTS.',
  },
  PROBE_NOT_MADE: {
    status: 503,
    retryable: true,
    hint: 'This says nothing of the server. Look here at open files (ulimit -n), at ports, routes and the own firewall.',
  },
  NAME_UNRESOLVED: {
    status: 503,
    retryable: true,
    hint: 'Correct the name, or look at the DNS server and the hosts file of this machine.',
  },
  // The monitor
  HISTORY_UNAVAILABLE: {
    status: 503,
    retryable: true,
    hint: 'Watching goes on without it. Look at the disk, and at who else has monitor.sqlite open; it is tried again.',
  },
  HOOK_FAILED: {
    status: 502,
    retryable: true,
    hint: 'Run the hook by hand, or look at its output in the log. The next change of state starts it again.',
  },
  HOOK_TIMEOUT: {
    status: 504,
    retryable: true,
    hint: 'The hook was ended. Make it quicker, or raise its timeout.',
  },
  MONITOR_ISOLATED: {
    status: 503,
    retryable: true,
    hint: 'Look at the network of the machine on which the monitor runs. Status files stay as they are meanwhile.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
