import { createControlPlane, type ControlPlane, type ControlPlaneDeps } from '../app/control-plane.js';

/**
 * Stands for anything that is only handed on: every property, call and iteration of it works and leads to nothing, but for
 * the properties given.
 */
const blank = (given: Readonly<Record<string, unknown>> = {}): unknown =>
  new Proxy(() => undefined, {
    get(_target, name) {
      if (typeof name === 'string' && Object.hasOwn(given, name)) return given[name];
      if (name === 'then') return undefined;
      return name === Symbol.toPrimitive ? () => '' : blank();
    },
    apply: () => blank(),
    construct: () => blank() as object,
  });

/** The control plane as it is put together, over nothing: what it is made of can be listed without a database. */
export const blankControlPlane = (): ControlPlane =>
  createControlPlane(blank({ config: blank({ mail: undefined }) }) as ControlPlaneDeps);
