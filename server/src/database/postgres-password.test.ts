import { describe, expect, test } from 'vitest';
import { scramVerifier, withPasswords } from './postgres-password.js';

describe('the verifier of a password', () => {
  test('has a new salt each time', () => {
    const form = /^SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/;
    expect(scramVerifier('pencil')).toMatch(form);
    expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
  });

  test('matches the example in RFC 7677', () => {
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });
});

describe('the rules of pg_hba.conf', () => {
  test.each([
    [
      'local   all             all                    trust',
      'local   all             all                    #',
    ],
    [
      'host    all             all   127.0.0.1/32     trust',
      'host    all             all   127.0.0.1/32     #',
    ],
    ['\thostssl all all ::1/128 trust # by initdb', '\thostssl all all ::1/128 # # by initdb'],
    [
      'hostnossl trust trust 10.0.0.1 255.255.255.255 "trust"',
      'hostnossl trust trust 10.0.0.1 255.255.255.255 #',
    ],
    ['local replication all trust  ', 'local replication all #  '],
  ])('require a password after %j', (rule, expected) => {
    const strict = withPasswords(`# first\n${rule}\nlocal all all peer\n`);
    expect(strict).toBe(`# first\n${expected.replace('#', 'scram-sha-256')}\nlocal all all peer\n`);
    expect(withPasswords(strict)).toBe(strict);
  });

  test.each([
    '# local all all trust',
    'local trust all scram-sha-256',
    'local all trust peer',
    'host all all trust.example.test scram-sha-256',
    '',
  ])('stay unchanged with %j', (rule) => {
    expect(withPasswords(`${rule}\nlocal all all peer\n`)).toBe(`${rule}\nlocal all all peer\n`);
  });
});
