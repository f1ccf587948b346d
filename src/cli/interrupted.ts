/** The person wanted to stop: not an error, and exit code 130. */
export class Interrupted extends Error {}
