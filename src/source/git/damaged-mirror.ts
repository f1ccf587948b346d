/** Objects that must be in a mirror are not, or it cannot be read at all: it is thrown away and fetched anew. */
export class DamagedMirror extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DamagedMirror';
  }
}
