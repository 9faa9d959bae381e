import { createControlPlane, type ControlPlane, type ControlPlaneDeps } from '../app/control-plane.js';

/**
 * A stub for anything that is only passed on: every property, call and construction yields another stub, except for the given
 * properties.
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

/** The composed control plane over stubs, which lists its parts without a database. */
export const blankControlPlane = (): ControlPlane =>
  createControlPlane(blank({ config: blank({ mail: undefined }) }) as ControlPlaneDeps);
