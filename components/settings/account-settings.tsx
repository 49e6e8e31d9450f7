'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { meQuery } from '../api/account-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { setSingleKeys, singleKeysEnabled } from '../shell/shortcuts.ts';
import { clearTheme, toggleTheme } from '../shell/theme.ts';
import { useSignOut } from '../shell/use-sign-out.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { ROLE_LABEL, ROLE_TEXT } from './role-words.ts';

export function AccountSettings() {
  const query = useQuery(meQuery());
  const signOut = useSignOut();
  const [keys, setKeys] = useState(true);
  useEffect(() => setKeys(singleKeysEnabled()), []);
  return (
    <div className="stack">
      <QueryPanel title="Signed in as" what="account" query={query}>
        {({ user }) => (
          <dl className="kv body">
            <dt>Name</dt>
            <dd>{user.name}</dd>
            <dt>Email</dt>
            <dd>{user.email}</dd>
            <dt>Role</dt>
            <dd>
              {ROLE_LABEL[user.role]} <span className="muted">{ROLE_TEXT[user.role]}</span>
            </dd>
            <dt />
            <dd>
              <Button small onClick={signOut}>
                Sign out
              </Button>
            </dd>
          </dl>
        )}
      </QueryPanel>
      <Panel title="This browser">
        <div className="body lines">
          <label className="check">
            <input
              type="checkbox"
              checked={keys}
              onChange={(event) => {
                setKeys(event.target.checked);
                setSingleKeys(event.target.checked);
              }}
            />
            Single-key shortcuts
            <span className="muted">⌘K and Ctrl K always work</span>
          </label>
          <span className="row-gap">
            <Button small onClick={toggleTheme}>
              Switch between light and dark
            </Button>
            <Button small look="quiet" onClick={clearTheme}>
              Follow the system
            </Button>
          </span>
        </div>
      </Panel>
    </div>
  );
}
