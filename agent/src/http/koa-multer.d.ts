/** @koa/multer has no types of its own; this says what we use of it and of multer 2. */
declare module '@koa/multer' {
  import type { ServerResponse } from 'node:http';
  import type { Readable, Writable } from 'node:stream';

  export interface MulterFile {
    readonly fieldname: string;
    readonly originalname: string;
    readonly stream: Readable;
  }

  export interface StorageEngine<Info extends object> {
    _handleFile(request: unknown, file: MulterFile, callback: (error: unknown, info?: Info) => void): void;
    _removeFile(request: unknown, file: MulterFile & Info, callback: (error: unknown) => void): void;
  }

  export interface MulterOptions<Info extends object> {
    readonly storage: StorageEngine<Info>;
    readonly limits: Readonly<Record<string, number>>;
    readonly preservePath: boolean;
    readonly streamHandler: (request: unknown, parser: Writable) => void;
  }

  /** What the middleware reads and writes of Koa's context. */
  export interface MulterContext {
    readonly req: object;
    readonly res: ServerResponse;
    readonly request: { files?: unknown; body?: unknown };
  }

  export default function multer<Info extends object>(
    options: MulterOptions<Info>,
  ): { any(): (context: MulterContext, next: () => Promise<void>) => Promise<void> };
}
