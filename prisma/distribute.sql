-- Distributes the three big tables over Citus; applied once after all migrations by `eyrie migrate --distribute`.
SELECT create_distributed_table('agent', 'shard', colocate_with => 'none', shard_count => 16);
SELECT create_distributed_table('event', 'shard', colocate_with => 'agent');
SELECT create_distributed_table('event_rollup', 'shard', colocate_with => 'agent');
