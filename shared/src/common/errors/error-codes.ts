import type { ErrorCodeEntry } from './error-code-entry.ts';
import { MONITOR_ERROR_CODES } from './monitor-error-codes.ts';

/**
 * Every error code of the product. The codes are a contract: programs read them, people read the sentence that the
 * console and the command line make of them.
 */
export const ERROR_CODES = {
  // Who is asking
  KEY_MISSING: {
    status: 401,
    retryable: false,
    hint: 'Send the security key of this server: "Authorization: Bearer KEY", or SecurityKey=KEY in the query of do.ashx.',
  },
  KEY_WRONG: {
    status: 401,
    retryable: false,
    hint: 'Compare the key with securityKey in the configuration of the server you are asking.',
  },
  ROLE_MISSING: {
    status: 403,
    retryable: false,
    hint: 'Use a key that has the role, or give the role to this key in the configuration.',
  },
  SESSION_MISSING: {
    status: 401,
    retryable: false,
    hint: 'Log in at /console, or send the security key of this server: "Authorization: Bearer KEY".',
  },
  TOKEN_WRONG: {
    status: 401,
    retryable: false,
    hint: 'A login link works once, and for a few minutes. "imagefleet console" makes a new one; the key itself works too.',
  },
  ORIGIN_FOREIGN: {
    status: 403,
    retryable: false,
    hint:
      'Open the console at the address of this server itself. A proxy before it must hand on Host and X-Forwarded-Proto. ' +
      'Programs send the key as "Authorization: Bearer KEY" and need no Origin.',
  },
  RATE_LIMITED: { status: 429, retryable: true, hint: 'Wait as long as Retry-After says.' },
  // What is sent
  INPUT_INVALID: { status: 400, retryable: false },
  ACTION_UNKNOWN: { status: 400, retryable: false, hint: 'do.ashx knows action=upload and action=uploaderrors.' },
  FORMAT_UNKNOWN: { status: 400, retryable: false, hint: 'Use format=xml or format=json.' },
  BODY_MALFORMED: {
    status: 400,
    retryable: false,
    hint: 'The body ended early or is not multipart/form-data. Send it again whole.',
  },
  NO_FILE: {
    status: 400,
    retryable: false,
    hint: 'Send at least one file as a part of multipart/form-data; the field name does not matter.',
  },
  EMPTY_FILE: { status: 400, retryable: false, hint: 'The file has no bytes. Look whether it is empty on your side.' },
  FILE_TOO_LARGE: {
    status: 413,
    retryable: false,
    hint: 'Send a smaller image, or raise limits.fileSize on the server, and the limit of a proxy before it.',
  },
  TOO_MANY_FILES: {
    status: 413,
    retryable: false,
    hint: 'Send fewer files in one request, or raise limits.filesPerRequest on the server.',
  },
  NOT_AN_IMAGE: {
    status: 415,
    retryable: false,
    hint: 'The bytes are none of the image types this server takes: JPEG, PNG, GIF, WebP, BMP, AVIF, HEIC, TIFF, ICO.',
  },
  SVG_REFUSED: {
    status: 415,
    retryable: false,
    hint: 'SVG can carry script and is off. An operator can allow it with limits.svg: true.',
  },
  ID_INVALID: {
    status: 400,
    retryable: false,
    hint: 'An id has the form yyyy/M/d/<uuid> without zero padding, in a text field "id" before its file.',
  },
  ID_TAKEN: { status: 409, retryable: false, hint: 'Other bytes are stored under this id. Choose a new id.' },
  PATH_INVALID: { status: 400, retryable: false },
  PATH_TAKEN: {
    status: 409,
    retryable: false,
    hint: 'Other bytes are stored under this path. Add ?overwrite=true to store a new version.',
  },
  PATH_CASE_TAKEN: {
    status: 409,
    retryable: false,
    hint: 'A path that differs only in upper and lower case is taken. Use that spelling, or another name.',
  },
  PATH_BUSY: { status: 409, retryable: true, hint: 'Another request is writing this path at this moment. Try again.' },
  RANGE_INVALID: { status: 416, retryable: false },
  ACK_TOO_HIGH: {
    status: 400,
    retryable: false,
    hint: 'ack counts this server too; it cannot exceed the number of servers in the fleet.',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    hint: 'Look at the address. The API lives under /api/v1, the legacy calls at /do.ashx.',
  },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  IMAGE_NOT_FOUND: { status: 404, retryable: false },
  COPY_NOT_HERE: {
    status: 504,
    retryable: true,
    hint: 'Ask without "Cache-Control: only-if-cached", and the image is brought from another server.',
  },
  IMAGE_UNSURE: {
    status: 503,
    retryable: true,
    hint: 'This server is being filled after its catalog was lost, and a server that may know the image does not answer. Ask again, or ask another server.',
  },
  SERVER_UNKNOWN: {
    status: 404,
    retryable: false,
    hint: 'Names are listed by "imagefleet status" and by GET /api/v1/servers.',
  },
  // This server
  DISK_FULL: { status: 507, retryable: true, hint: 'Free space on the data disk, or lower limits.freeSpaceFloor.' },
  SHUTTING_DOWN: {
    status: 503,
    retryable: true,
    hint: 'The server is stopping. Send the request to another server, or again in a moment.',
  },
  CONSOLE_MISSING: {
    status: 503,
    retryable: false,
    hint:
      'In the repository, build it with "npm run build:console". On a server, put the folder "console" beside ' +
      'imagefleet.mjs. All else works without it.',
  },
  IO_FAILED: {
    status: 500,
    retryable: true,
    hint: 'The disk answered with an error. Look at the log of this server and at the disk.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    hint: 'This is a defect. Please report it with the log lines of that time.',
  },
  CFG_INVALID: { status: 500, retryable: false },
  CFG_UNREADABLE: { status: 500, retryable: false },
  PORT_IN_USE: {
    status: 500,
    retryable: false,
    hint:
      'Another program listens there, perhaps an earlier start of this one. Stop it, or set "listen" in the configuration ' +
      '(--listen, IMAGEFLEET_LISTEN) to another port.',
  },
  IDENTITY_FOREIGN: {
    status: 500,
    retryable: false,
    hint:
      'The catalog and the image folder belong to two servers. Put the right disk in its place; or, when this server is ' +
      'to have that folder, remove .imagefleet-id in it.',
  },
  CATALOG_OLD: {
    status: 500,
    retryable: false,
    hint:
      'The catalog was put back from a backup. Put the newest one back; or move catalog.sqlite, catalog.sqlite-wal and ' +
      'catalog.sqlite-shm away: then everything comes from the other servers.',
  },
  // Between servers
  PEER_UNREACHABLE: {
    status: 502,
    retryable: true,
    hint: 'The connection failed. Is the agent there running, and does its port let this server in?',
  },
  PEER_TIMEOUT: {
    status: 504,
    retryable: true,
    hint: 'The server took too long to answer. Look at its load and at the network.',
  },
  PEER_DOWN: {
    status: 503,
    retryable: true,
    hint: 'Nothing to do: the copies go out by themselves when the server is back.',
  },
  PEER_BUSY: {
    status: 503,
    retryable: true,
    hint: 'Too many requests come in at that server. If it stays so, look in its log for who sends them.',
  },
  PEER_KEY_WRONG: {
    status: 401,
    retryable: false,
    hint: 'Compare securityKey (or peerKey) of this peer here with the one in its own configuration.',
  },
  PEER_ANSWER_INVALID: {
    status: 502,
    retryable: true,
    hint: 'The answer is not signed by the peer. Is there a proxy or another program at that address?',
  },
  PEER_SELF: {
    status: 409,
    retryable: false,
    hint: 'This address leads back to the server itself. Correct the url of the peer.',
  },
  PEER_DUPLICATE: {
    status: 409,
    retryable: false,
    hint:
      'Either two names have the url of one server, or a data folder was copied. On the server that has the copy, stop the ' +
      'agent and remove .imagefleet-id and catalog.sqlite*; it then fills itself from the others.',
  },
  PEER_FAILED: { status: 502, retryable: true, hint: 'Look at the log of that server.' },
  CLOCK_SKEW: { status: 409, retryable: false, hint: 'Set the clocks of both servers by NTP.' },
  VERSION_AHEAD: {
    status: 409,
    retryable: false,
    hint: 'The clock of the server that wrote this version is ahead. Set it by NTP.',
  },
  PEER_DISK_FULL: {
    status: 507,
    retryable: true,
    hint: 'Free space on the disk of that server; the copies follow by themselves.',
  },
  DIGEST_MISMATCH: {
    status: 422,
    retryable: true,
    hint: 'The bytes were damaged on the way or on the disk. The copy is tried again.',
  },
  OWN_COPY_MISSING: {
    status: 500,
    retryable: false,
    hint: 'The file is gone from its server. "imagefleet verify" there fetches it from another one.',
  },
  OWN_COPY_DAMAGED: {
    status: 500,
    retryable: false,
    hint: 'The file on this server no longer has the bytes that were uploaded. Put a good copy back, then replay.',
  },
  ...MONITOR_ERROR_CODES,
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a string that came from outside is one of our codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
