/** @koa/multer has no types of its own; this says what the yardstick uses of it. */
declare module '@koa/multer' {
  import type { Middleware } from 'koa';

  interface Multer {
    (options: { readonly storage: unknown }): { single(field: string): Middleware };
    diskStorage(options: { readonly destination: string }): unknown;
  }
  const multer: Multer;
  export default multer;
}
