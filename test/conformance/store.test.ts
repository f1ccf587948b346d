// One suite on the store in memory and on the real one, so that the fake cannot drift.
import { createFakeStore, emptyDurable, type FakeStore } from '../doubles/fake-store.ts';
import { describeStore, type World } from './store-suite.ts';

describeStore('in memory', async () => fakeWorld(), { skip: false });

function fakeWorld(): World {
  const durable = emptyDurable();
  const schedule = (run: () => void) => void setImmediate(run);
  let hand: FakeStore = createFakeStore({ schedule, durable });
  return {
    namespace: 'argocd',
    async open() {
      hand = createFakeStore({ schedule, durable });
      return hand;
    },
    async crash(store) {
      (store as FakeStore).crash();
    },
    async create(resource) {
      hand.put(resource);
    },
    async patch(key, patch) {
      hand.patch(key, patch);
    },
    async remove(key) {
      hand.remove(key);
    },
    async read(key) {
      return durable.resources.get(key);
    },
    async createProject(resource) {
      hand.putProject(resource);
    },
    async close() {},
  };
}
