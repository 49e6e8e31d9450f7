'use client';

import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/account-queries.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { Tabs } from '../ui/tabs.tsx';
import { AccountSettings } from './account-settings.tsx';
import { DataSettings } from './data-settings.tsx';
import { TokenSettings } from './token-settings.tsx';
import { UserSettings } from './user-settings.tsx';

const TABS = [
  { value: 'account', label: 'Account' },
  { value: 'users', label: 'Users' },
  { value: 'tokens', label: 'Tokens' },
  { value: 'data', label: 'Data' },
] as const;

const SETTINGS = { account: AccountSettings, users: UserSettings, tokens: TokenSettings, data: DataSettings };

/** Own account for everybody; users, tokens and what is kept for administrators. */
export function SettingsView() {
  const { params, update } = useUrlParams();
  const admin = useQuery(meQuery()).data?.user.role === 'admin';
  const tabs = admin ? TABS : TABS.slice(0, 1);
  const tab = tabs.find((candidate) => candidate.value === params.get('tab'))?.value ?? 'account';
  const Tab = SETTINGS[tab];
  return (
    <Tabs
      label="Settings"
      tabs={tabs}
      value={tab}
      onChange={(next) => update({ tab: next === 'account' ? null : next })}
    >
      <Tab />
    </Tabs>
  );
}
