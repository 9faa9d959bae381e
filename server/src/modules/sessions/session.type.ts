import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar, type Json } from '../scalars/json.js';
import { ScopeType } from '../scopes/scope.type.js';
import { UserType } from '../users/user.type.js';

/** A session just made. */
@ObjectType('Session', { description: 'A signed-in session; browsers also get it as a cookie.' })
export class SessionType {
  @Field(() => String, {
    description: 'Send it as Authorization: Bearer. Shown once; treat it as a password.',
  })
  token!: string;

  @Field(() => DateTimeScalar, {
    description: 'When it ends at the latest; it ends sooner after 24 hours without use.',
  })
  expiresAt!: Date;

  @Field(() => UserType, { description: 'Who is signed in.' })
  user!: UserType;
}

/** What signing in leads to. */
@ObjectType('SignInPayload', { description: 'A session, or the next step towards one.' })
export class SignInPayload {
  @Field(() => SessionType, {
    nullable: true,
    description: 'The session; null while a second factor is due.',
  })
  session!: SessionType | null;

  @Field(() => Boolean, { description: 'Whether a one-time code is needed to finish.' })
  twoFactorRequired!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Names this sign-in when finishing it with a one-time code.',
  })
  challenge!: string | null;
}

/** Permissions at a scope. */
@ObjectType('ScopeAccess', { description: 'Permissions at a scope; they hold there and everywhere below.' })
export class ScopeAccessType {
  @Field(() => ScopeType, { description: 'Where.' })
  scope!: ScopeType;

  @Field(() => [String], { description: 'What, sorted.' })
  permissions!: string[];
}

/** One of one's own sessions. */
@ObjectType('UserSession', { description: 'A signed-in session, as its user sees it.' })
export class UserSessionType {
  @Field(() => ID, { description: 'Names it, to end it.' })
  id!: string;

  @Field(() => DateTimeScalar, { description: 'When it was started.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was used last, to the minute.' })
  lastSeenAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it ends at the latest.' })
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: 'Address that it was started from.' })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'Browser or program that started it.' })
  userAgent!: string | null;

  @Field(() => Boolean, { description: 'Whether this request belongs to it.' })
  current!: boolean;
}

/** A second factor that is being enrolled. */
@ObjectType('TwoFactorSetup', {
  description: 'A second factor that is being enrolled: not active before it is confirmed.',
})
export class TwoFactorSetupType {
  @Field(() => String, { description: 'Base32, to type by hand.' })
  secret!: string;

  @Field(() => String, { description: 'otpauth:// URI, for the QR code.' })
  uri!: string;
}

/** Who asks. */
@ObjectType('Viewer', { description: 'Who asks: a user with a session, or an API key.' })
export class ViewerType {
  @Field(() => UserType, { nullable: true, description: 'The signed-in user; null for an API key.' })
  user!: UserType | null;

  @Field(() => [String], { description: 'Effective permissions at whatever scope, sorted.' })
  permissions!: string[];

  @Field(() => [ScopeAccessType], { description: 'What the caller may do, and where.' })
  access!: ScopeAccessType[];

  @Field(() => JsonScalar, { description: 'Choices of the management UI, kept for the user.' })
  preferences!: Json;

  @Field(() => Int, {
    description: 'Grows when the preferences change; 0 for an API key. Pass it as expectedVersion.',
  })
  preferencesVersion!: number;
}

/** What anyone may know of this installation. */
@ObjectType('Installation', { description: 'What anyone may know of this installation.' })
export class InstallationType {
  @Field(() => Boolean, { description: 'Whether the first owner is still to be set up.' })
  setupRequired!: boolean;

  @Field(() => String, { description: 'Base of links and of the API, without a trailing slash.' })
  publicUrl!: string;

  @Field(() => Boolean, { description: 'Whether the sandbox API answers.' })
  sandboxEnabled!: boolean;

  @Field(() => Boolean, {
    description: 'Whether passwords are accepted; off when only the identity provider signs people in.',
  })
  localSignIn!: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether everyone who signs in with a password needs a second factor; null for callers who are not signed in.',
  })
  twoFactorRequired!: boolean | null;

  @Field(() => Boolean, {
    description: 'Whether links are sent by e-mail, so that a forgotten password can be reset by oneself.',
  })
  mailEnabled!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Label of the identity provider's button; null without one. It starts at /auth/oidc/start?next=…",
  })
  singleSignOn!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Running version; null for callers who are not signed in.',
  })
  version!: string | null;
}
