// Everything that keeps records beyond the status: signed once, and handed to each place.
import type { Application, SignedRecord } from '../model/index.ts';
import type { Archive, Signer } from '../ports/index.ts';

/** One place that keeps records. */
export type Keeper = {
  /** Resolves when it has the record, or cannot have it. Throws EngineError to be tried again. */
  keep(signed: SignedRecord, application: Application): Promise<void>;
  moved?(application: Application): void;
  stop?(): Promise<void>;
};

/** An archive over these places. The order does not matter: each is told of everything. */
export function createArchive(signer: () => Signer, keepers: readonly Keeper[]): Archive {
  return {
    async keep(record, application) {
      const signed = signer().sign(record);
      const results = await Promise.allSettled(keepers.map((keeper) => keeper.keep(signed, application)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
    moved: (application) => {
      for (const keeper of keepers) keeper.moved?.(application);
    },
    stop: async () => void (await Promise.allSettled(keepers.map((keeper) => keeper.stop?.()))),
  };
}
