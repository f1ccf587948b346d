/** `namespace/name` of an application's own resource: the key of the queue and of every map of applications. */
export type AppKey = string;
