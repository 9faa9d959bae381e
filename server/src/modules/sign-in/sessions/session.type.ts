import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../scalars/date-time.js';
import { JsonScalar, type Json } from '../../scalars/json.js';
import { ScopeType } from '../../scopes/tree/scope.type.js';
import { UserType } from '../../users/user.type.js';

/** A newly created session. */
@ObjectType('Session', { description: 'A signed-in session; browsers also get it as a cookie.' })
export class SessionType {
  @Field(() => String, {
    description: 'Send it as Authorization: Bearer. Shown once; treat it as a password.',
  })
  token!: string;

  @Field(() => DateTimeScalar, {
    description: 'When it expires; it ends sooner after 24 hours without use.',
  })
  expiresAt!: Date;

  @Field(() => UserType, { description: 'The signed-in user.' })
  user!: UserType;
}

/** Result of a sign-in. */
@ObjectType('SignInPayload', { description: 'A session, or the next step toward one.' })
export class SignInPayload {
  @Field(() => SessionType, {
    nullable: true,
    description: 'The session; null while a second factor is required.',
  })
  session!: SessionType | null;

  @Field(() => Boolean, { description: 'Whether a one-time code is needed to finish.' })
  twoFactorRequired!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Identifies this sign-in when completing it with a one-time code.',
  })
  challenge!: string | null;
}

/** Permissions at a scope. */
@ObjectType('ScopeAccess', { description: 'Permissions at a scope; they apply there and everywhere below.' })
export class ScopeAccessType {
  @Field(() => ScopeType, { description: 'The scope.' })
  scope!: ScopeType;

  @Field(() => [String], { description: 'The permissions, sorted.' })
  permissions!: string[];
}

/** A session of the caller. */
@ObjectType('UserSession', { description: 'A signed-in session, as shown to its user.' })
export class UserSessionType {
  @Field(() => ID, { description: 'Identifies the session, to end it.' })
  id!: string;

  @Field(() => DateTimeScalar, { description: 'When it started.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last used, to the minute.' })
  lastSeenAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it expires.' })
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: 'IP address that it was started from.' })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'Browser or program that started it.' })
  userAgent!: string | null;

  @Field(() => Boolean, { description: 'Whether this request uses it.' })
  current!: boolean;
}

/** A second factor during enrollment. */
@ObjectType('TwoFactorSetup', {
  description: 'A second factor during enrollment; not active until it is confirmed.',
})
export class TwoFactorSetupType {
  @Field(() => String, { description: 'Secret in base32, for manual entry.' })
  secret!: string;

  @Field(() => String, { description: 'otpauth:// URI, for the QR code.' })
  uri!: string;
}

/** The caller. */
@ObjectType('Viewer', { description: 'The caller: a user with a session, or an API key.' })
export class ViewerType {
  @Field(() => UserType, { nullable: true, description: 'The signed-in user; null for an API key.' })
  user!: UserType | null;

  @Field(() => [String], { description: 'Effective permissions at any scope, sorted.' })
  permissions!: string[];

  @Field(() => [ScopeAccessType], { description: 'What the caller can do, and where.' })
  access!: ScopeAccessType[];

  @Field(() => JsonScalar, { description: 'Preferences of the management UI, stored per user.' })
  preferences!: Json;

  @Field(() => Int, {
    description: 'Incremented when the preferences change; 0 for an API key. Pass it as expectedVersion.',
  })
  preferencesVersion!: number;
}

/** Public facts about this installation. */
@ObjectType('Installation', { description: 'Public facts about this installation.' })
export class InstallationType {
  @Field(() => Boolean, { description: 'Whether the first owner has yet to be set up.' })
  setupRequired!: boolean;

  @Field(() => String, { description: 'Base URL of links and of the API, without a trailing slash.' })
  publicUrl!: string;

  @Field(() => Boolean, { description: 'Whether the sandbox API is enabled.' })
  sandboxEnabled!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether passwords are accepted; false if people can sign in only through the identity provider.',
  })
  localSignIn!: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether password sign-ins require a second factor; null for callers who are not signed in.',
  })
  twoFactorRequired!: boolean | null;

  @Field(() => Boolean, {
    description: 'Whether links are sent by e-mail, so that users can reset a forgotten password themselves.',
  })
  mailEnabled!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Label of the identity provider's button; null without a provider. The sign-in starts at /auth/oidc/start?next=…",
  })
  singleSignOn!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Version of the running server; null for callers who are not signed in.',
  })
  version!: string | null;
}
