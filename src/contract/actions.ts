import type { ObjectRef } from '../model/index.ts';

/** Which objects of an application are meant; absent fields do not narrow. Children of its objects count too. */
export type ObjectPick = {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
};

/** Something that can be done to one live object. */
export type ActionView = {
  readonly ref: ObjectRef;
  readonly name: string;
  /** One line for people; '' where nobody wrote one. */
  readonly about: string;
  readonly params: readonly { readonly name: string; readonly about: string; readonly default?: string }[];
  /** Why it cannot be done now; '' when it can. */
  readonly hindered: string;
  /** `settings` for actions that people wrote in argocd-cm. */
  readonly origin: 'built-in' | 'settings';
};

/** What an action did. */
export type ActionDone = { readonly ref: ObjectRef; readonly how: 'changed' | 'created' | 'unchanged' };

export type ActionRequest = ObjectPick & {
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  /** Do it to every object that is meant; without it there must be exactly one. */
  readonly all: boolean;
  /** Who asks; told in an Event. */
  readonly by: string;
};
