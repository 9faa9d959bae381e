import type { DataSource } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import type { Changes } from '../../events/changes.js';
import type { EventRecorder, EventSubscribers } from '../../events/event-recorder.js';
import type { AccessStore } from './access-store.postgres.js';
import type { Directory } from './directory.js';
import type { HolderBounds } from './holder-bounds.js';
import type { RequestContext } from './principal.js';

/** Loads an object of one kind by id and checks the permission for that kind; null if there is none. */
export type NodeLoader = (context: RequestContext, id: string) => Promise<{ readonly id: string } | null>;

/** What a module contributes to the control plane. */
export interface Module {
  /** One instance of each of its resolver classes. */
  readonly resolvers: readonly object[];
  /** Loaders, by id prefix. */
  readonly nodes?: Readonly<Record<string, NodeLoader>>;
  /** Called inside the transactions of events, by the type of event. */
  readonly subscribers?: EventSubscribers;
  /** Deletes expired data; called every few minutes. */
  readonly tidy?: () => Promise<unknown>;
  /** Stops what the module started. */
  readonly close?: () => Promise<unknown> | void;
}

/** What every module of the control plane is given; modules that need more extend it. */
export interface ModuleDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly access: AccessStore;
  readonly directory: Directory;
  /** Executes changes of authenticated callers. */
  readonly changes: Changes;
  /** Records events that no authenticated caller causes. */
  readonly events: EventRecorder;
  readonly bounds: HolderBounds;
  /** Prefix of tokens. */
  readonly brand: string;
  /** Base of URLs in answers; known once the server listens. */
  readonly publicUrl: () => string;
  readonly log: (message: string, error?: unknown) => void;
}
