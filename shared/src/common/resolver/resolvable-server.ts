/** A server that keys can be spread over, as a status file lists it. */
export interface ResolvableServer {
  readonly host: string;
  readonly port: number;
  /** Whether it may get keys now. */
  readonly online: boolean;
  /** Its share of the keys in `rendezvous` mode, compared with the others'; above 0, usually 1. */
  readonly weight: number;
}
