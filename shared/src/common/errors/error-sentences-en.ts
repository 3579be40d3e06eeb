import { ERROR_CODES, type ErrorCode, type ErrorCodeEntry } from './error-codes.ts';
import type { ErrorSentence, ErrorSentences } from './error-sentences.ts';

const TITLES: Readonly<Record<ErrorCode, string>> = {
  KEY_MISSING: 'No security key was sent',
  KEY_WRONG: 'The security key is wrong',
  ROLE_MISSING: 'The key may not do this',
  RATE_LIMITED: 'Too many requests at once',
  INPUT_INVALID: 'The request has a mistake',
  ACTION_UNKNOWN: 'The action is unknown',
  FORMAT_UNKNOWN: 'The format is unknown',
  BODY_MALFORMED: 'The upload arrived damaged or incomplete',
  NO_FILE: 'No file was sent',
  EMPTY_FILE: 'The file is empty',
  FILE_TOO_LARGE: 'The file is too large',
  TOO_MANY_FILES: 'Too many files in one request',
  NOT_AN_IMAGE: 'The file is not an image',
  SVG_REFUSED: 'SVG images are not accepted',
  ID_INVALID: 'The id has the wrong form',
  ID_TAKEN: 'The id belongs to another image',
  PATH_INVALID: 'The path is not allowed',
  PATH_TAKEN: 'The path belongs to another image',
  PATH_CASE_TAKEN: 'The path is taken in another spelling',
  PATH_BUSY: 'Somebody else is writing this path',
  RANGE_INVALID: 'The range lies outside the image',
  ACK_TOO_HIGH: 'More copies were asked for than there are servers',
  NOT_FOUND: 'There is nothing at this address',
  METHOD_NOT_ALLOWED: 'This address does not take that method',
  IMAGE_NOT_FOUND: 'The image is not here',
  COPY_NOT_HERE: 'This server has no copy of its own',
  IMAGE_UNSURE: 'Whether this image exists is not known yet',
  SERVER_UNKNOWN: 'No server has this name',
  DISK_FULL: 'The disk is full',
  SHUTTING_DOWN: 'The server is stopping',
  IO_FAILED: 'The disk failed',
  INTERNAL: 'Something broke that should not',
  CFG_INVALID: 'The configuration has mistakes',
  CFG_UNREADABLE: 'The configuration cannot be read',
  IDENTITY_FOREIGN: 'The image folder belongs to another server',
  CATALOG_OLD: 'The catalog is older than the image folder',
  PEER_UNREACHABLE: 'The server cannot be reached',
  PEER_TIMEOUT: 'The server did not answer in time',
  PEER_DOWN: 'The server is down',
  PEER_BUSY: 'The server has too much to do',
  PEER_KEY_WRONG: 'The server does not accept our key',
  PEER_ANSWER_INVALID: 'The answer is not from the expected server',
  PEER_SELF: 'The address leads back to the server itself',
  PEER_DUPLICATE: 'Two servers have the same identity',
  PEER_FAILED: 'The server failed',
  CLOCK_SKEW: 'The clocks of two servers differ',
  VERSION_AHEAD: 'The version is from the future',
  PEER_DISK_FULL: 'The disk of the server is full',
  DIGEST_MISMATCH: 'The bytes were damaged',
  OWN_COPY_MISSING: 'The file is gone from its server',
  OWN_COPY_DAMAGED: 'The file on its server is damaged',
};

/** What the code table has no hint for, since the message itself tells what to correct. */
const TODO_WITHOUT_HINT: Readonly<Partial<Record<ErrorCode, string>>> = {
  INPUT_INVALID: 'Correct what the message names and send it again.',
  PATH_INVALID: 'Choose a path that keeps the rule the message names.',
  RANGE_INVALID: 'Ask for the image without a range.',
  METHOD_NOT_ALLOWED: 'Use one of the methods that the Allow header names.',
  IMAGE_NOT_FOUND: 'Compare the path with the link that the upload answered.',
  CFG_INVALID: 'Correct the places named and start again.',
  CFG_UNREADABLE: 'Look whether the file is there, may be read, and is well formed.',
};

const CODES = Object.keys(TITLES) as ErrorCode[];

export const ENGLISH_SENTENCES = Object.fromEntries(
  CODES.map((code): [ErrorCode, ErrorSentence] => {
    const entry: ErrorCodeEntry = ERROR_CODES[code];
    return [code, { title: TITLES[code], todo: entry.hint ?? TODO_WITHOUT_HINT[code] ?? '' }];
  }),
) as Record<ErrorCode, ErrorSentence> satisfies ErrorSentences;
