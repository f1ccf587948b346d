/** The argument of commands about one application. */
export const appArgument = {
  name: 'APP',
  about: 'The application: NAME, or NAMESPACE/NAME',
  required: true,
  completes: 'application',
} as const;

/** The argument of commands about several applications. */
export const appsArgument = {
  ...appArgument,
  about: 'Applications: NAME, or NAMESPACE/NAME',
  required: false,
  repeat: true,
} as const;
