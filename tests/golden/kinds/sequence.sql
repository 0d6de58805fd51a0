CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION distance_km AS 'io.frauddetector.flink.DistanceKm' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_json AS 'io.frauddetector.flink.FillJson' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_text AS 'io.frauddetector.flink.FillText' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_only AS 'io.frauddetector.flink.FirstOnly' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_seen AS 'io.frauddetector.flink.FirstSeen' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION has_key AS 'io.frauddetector.flink.HasKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION held_back AS 'io.frauddetector.flink.HeldBack' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION how_many AS 'io.frauddetector.flink.HowMany' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION ids_of AS 'io.frauddetector.flink.IdsOf' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_network AS 'io.frauddetector.flink.InNetwork' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_turn AS 'io.frauddetector.flink.InTurn' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_end AS 'io.frauddetector.flink.LocalEnd' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_hour AS 'io.frauddetector.flink.LocalHour' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_start AS 'io.frauddetector.flink.LocalStart' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_weekday AS 'io.frauddetector.flink.LocalWeekday' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION on_edge AS 'io.frauddetector.flink.OnEdge' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_avg AS 'io.frauddetector.flink.RealAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_sum AS 'io.frauddetector.flink.RealSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION since AS 'io.frauddetector.flink.Since' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION timed_id AS 'io.frauddetector.flink.TimedId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_avg AS 'io.frauddetector.flink.WideAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_sum AS 'io.frauddetector.flink.WideSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION with_previous AS 'io.frauddetector.flink.WithPrevious' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION attempt AS 'io.frauddetector.flink.Attempt' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION nonzero AS 'io.frauddetector.flink.NonZero' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION room AS 'io.frauddetector.flink.Room' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION watch_key AS 'io.frauddetector.flink.WatchKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION writable AS 'io.frauddetector.flink.Writable' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`logins` (
  `id` STRING,
  `user` STRING,
  `ok` BOOLEAN,
  `ip` STRING,
  `at` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'logins',
  'properties.group.id' = 'default.sequence',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;ok;ip;at',
  'stream' = 'logins',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream logins dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.logins.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream logins late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule relaxed` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule compared` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule compared blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.blocked',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule strict` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.sequence.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream logins -> stream logins dead-letters

INSERT INTO `sinks`.`stream logins dead-letters` SELECT `_raw`, MAP['stream', CAST('logins' AS BYTES), 'topic', CAST('logins' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`logins` WHERE `_error` IS NOT NULL;

-- stream logins -> stream logins late

INSERT INTO `sinks`.`stream logins late` SELECT `_raw`, MAP['stream', CAST('logins' AS BYTES), 'topic', CAST('logins' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`logins` WHERE `_error` IS NULL AND `_late`;

-- rule relaxed -> rule relaxed

CREATE DATABASE IF NOT EXISTS `rule relaxed`;

USE `rule relaxed`;

CREATE TEMPORARY VIEW `logins` AS SELECT `id`, `user`, `ok`, `ip`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`logins` WHERE `_error` IS NULL AND `_offset` > -2668572460 AND NOT `_late`;

INSERT INTO `sinks`.`rule relaxed` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"sequence","rule":"relaxed","rule_version":"f8a2ab5d","severity":"Medium","mode":"Enforce","entity":{"type":"user","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"user":?,"failed":{"id":?,"ok":?,"ip":?,"at":?},"entered":{"id":?,"ok":?,"ip":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/sequence/relaxed', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_at` AS STRING))), 1, 32), `_entity`, `_at`, `_reason`, 2, `_id0`, `_id1`, `user`, `failed.id`, `failed.ok`, `failed.ip`, `failed.at`, `entered.id`, `entered.ok`, `entered.ip`, `entered.at`) FROM (SELECT *, CAST(`user` AS STRING) AS `_entity`, CONCAT_WS('/', `_id0`, `_id1`) AS `_identity`, fill_text('# failed, then # got in', `failed.ip`, `entered.ip`) AS `_reason` FROM (SELECT * FROM (SELECT *, CASE WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 WHEN (`ok`) THEN 1 ELSE 2 END + CASE WHEN (`ok`) THEN 1 WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 ELSE 2 END AS `_place`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `logins` WHERE has_key('rule relaxed', 'key user', CAST(`event_id` AS STRING), `user`) AND ((NOT `ok` AND `ip` <> ('10.0.0.1')) OR (`ok`))) MATCH_RECOGNIZE (PARTITION BY `user` ORDER BY `event_time`, `_place`, `_length`, `event_id` MEASURES LAST(S0.`id`) AS `failed.id`, LAST(S0.`ok`) AS `failed.ok`, LAST(S0.`ip`) AS `failed.ip`, LAST(S0.`at`) AS `failed.at`, LAST(S1.`id`) AS `entered.id`, LAST(S1.`ok`) AS `entered.ok`, LAST(S1.`ip`) AS `entered.ip`, LAST(S1.`at`) AS `entered.at`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, CAST(LAST(S1.`event_time`) AS TIMESTAMP_LTZ(3)) AS `_at`, MATCH_ROWTIME(`event_time`) AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0 G1*? S1) WITHIN INTERVAL '0 00:10:00.001' DAY(2) TO SECOND(3) DEFINE S0 AS (NOT S0.`ok` AND S0.`ip` <> ('10.0.0.1')), G1 AS (G1.`ok`) IS NOT TRUE, S1 AS (S1.`ok`))));

-- rule compared -> rule compared

CREATE DATABASE IF NOT EXISTS `rule compared`;

USE `rule compared`;

CREATE TEMPORARY VIEW `logins` AS SELECT `id`, `user`, `ok`, `ip`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`logins` WHERE `_error` IS NULL AND `_offset` > -3666793584 AND NOT `_late`;

INSERT INTO `sinks`.`rule compared` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"sequence","rule":"compared","rule_version":"96e12e4e","severity":"Medium","mode":"Enforce","entity":{"type":"user","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"user":?,"failed":{"id":?,"ok":?,"ip":?,"at":?},"entered":{"id":?,"ok":?,"ip":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/sequence/compared', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_at` AS STRING))), 1, 32), `_entity`, `_at`, `_reason`, 2, `_id0`, `_id1`, `user`, `failed.id`, `failed.ok`, `failed.ip`, `failed.at`, `entered.id`, `entered.ok`, `entered.ip`, `entered.at`) FROM (SELECT *, CAST(`user` AS STRING) AS `_entity`, CONCAT_WS('/', `_id0`, `_id1`) AS `_identity`, fill_text('# failed, then # got in from elsewhere', `failed.ip`, `entered.ip`) AS `_reason` FROM (SELECT * FROM (SELECT *, CASE WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 ELSE 2 END + CASE WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 ELSE 2 END AS `_place`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `logins` WHERE has_key('rule compared', 'key user', CAST(`event_id` AS STRING), `user`)) MATCH_RECOGNIZE (PARTITION BY `user` ORDER BY `event_time`, `_place`, `_length`, `event_id` MEASURES LAST(S0.`id`) AS `failed.id`, LAST(S0.`ok`) AS `failed.ok`, LAST(S0.`ip`) AS `failed.ip`, LAST(S0.`at`) AS `failed.at`, LAST(S1.`id`) AS `entered.id`, LAST(S1.`ok`) AS `entered.ok`, LAST(S1.`ip`) AS `entered.ip`, LAST(S1.`at`) AS `entered.at`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, CAST(LAST(S1.`event_time`) AS TIMESTAMP_LTZ(3)) AS `_at`, MATCH_ROWTIME(`event_time`) AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0 G1*? S1) WITHIN INTERVAL '0 00:10:00.001' DAY(2) TO SECOND(3) DEFINE S0 AS (NOT S0.`ok` AND S0.`ip` <> ('10.0.0.1')), G1 AS (G1.`ok` AND G1.`ip` <> LAST(S0.`ip`) AND G1.`event_time` > LAST(S0.`event_time`)) IS NOT TRUE, S1 AS (S1.`ok` AND S1.`ip` <> LAST(S0.`ip`) AND S1.`event_time` > LAST(S0.`event_time`)))));

-- rule compared -> rule compared blocked

USE `rule compared`;

INSERT INTO `sinks`.`rule compared blocked` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"who":?,"entity_type":"user","why":?,"when":?,"until":?,"amount":?,"rule":"compared","alert_id":?}', `_entity`, `_reason`, `_at`, CAST(`_at` AS TIMESTAMP_LTZ(3)) + INTERVAL '1' DAY * 30, `failed.id`, SUBSTRING(SHA256(CONCAT_WS('/', 'default/sequence/compared', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_at` AS STRING))), 1, 32)) FROM (SELECT *, CAST(`user` AS STRING) AS `_entity`, CONCAT_WS('/', `_id0`, `_id1`) AS `_identity`, fill_text('# failed, then # got in from elsewhere', `failed.ip`, `entered.ip`) AS `_reason` FROM (SELECT * FROM (SELECT *, CASE WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 ELSE 2 END + CASE WHEN (NOT `ok` AND `ip` <> ('10.0.0.1')) THEN 0 ELSE 2 END AS `_place`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `logins` WHERE has_key('rule compared', 'key user', CAST(`event_id` AS STRING), `user`)) MATCH_RECOGNIZE (PARTITION BY `user` ORDER BY `event_time`, `_place`, `_length`, `event_id` MEASURES LAST(S0.`id`) AS `failed.id`, LAST(S0.`ok`) AS `failed.ok`, LAST(S0.`ip`) AS `failed.ip`, LAST(S0.`at`) AS `failed.at`, LAST(S1.`id`) AS `entered.id`, LAST(S1.`ok`) AS `entered.ok`, LAST(S1.`ip`) AS `entered.ip`, LAST(S1.`at`) AS `entered.at`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, CAST(LAST(S1.`event_time`) AS TIMESTAMP_LTZ(3)) AS `_at`, MATCH_ROWTIME(`event_time`) AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0 G1*? S1) WITHIN INTERVAL '0 00:10:00.001' DAY(2) TO SECOND(3) DEFINE S0 AS (NOT S0.`ok` AND S0.`ip` <> ('10.0.0.1')), G1 AS (G1.`ok` AND G1.`ip` <> LAST(S0.`ip`) AND G1.`event_time` > LAST(S0.`event_time`)) IS NOT TRUE, S1 AS (S1.`ok` AND S1.`ip` <> LAST(S0.`ip`) AND S1.`event_time` > LAST(S0.`event_time`)))));

-- rule strict -> rule strict

CREATE DATABASE IF NOT EXISTS `rule strict`;

USE `rule strict`;

CREATE TEMPORARY VIEW `logins` AS SELECT `id`, `user`, `ok`, `ip`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`logins` WHERE `_error` IS NULL AND `_offset` > -923291142 AND NOT `_late`;

INSERT INTO `sinks`.`rule strict` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"sequence","rule":"strict","rule_version":"7e429238","severity":"Medium","mode":"Enforce","entity":{"type":"user","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?,?]},"row":{"user":?,"failed":{"id":?,"ok":?,"ip":?,"at":?},"entered":{"id":?,"ok":?,"ip":?,"at":?},"again":{"id":?,"ok":?,"ip":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/sequence/strict', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_at` AS STRING))), 1, 32), `_entity`, `_at`, `_reason`, 5, `_id0`, `_id1`, `_id2`, `user`, `failed.id`, `failed.ok`, `failed.ip`, `failed.at`, `entered.id`, `entered.ok`, `entered.ip`, `entered.at`, `again.id`, `again.ok`, `again.ip`, `again.at`) FROM (SELECT *, CAST(`user` AS STRING) AS `_entity`, CONCAT_WS('/', `_id0`, `_id1`, `_id2`) AS `_identity`, fill_text('# failed three times, then # got in', `failed.ip`, `entered.ip`) AS `_reason` FROM (SELECT * FROM (SELECT *, CASE WHEN (NOT `ok`) THEN 0 WHEN (`ok`) THEN 1 WHEN (`ok` OR `event_time` > TIMESTAMP '2024-01-01 00:00:00') THEN 2 ELSE 3 END + CASE WHEN (`ok` OR `event_time` > TIMESTAMP '2024-01-01 00:00:00') THEN 2 WHEN (`ok`) THEN 1 WHEN (NOT `ok`) THEN 0 ELSE 3 END AS `_place`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `logins` WHERE (`ip` <> '10.0.0.2') AND has_key('rule strict', 'key user', CAST(`event_id` AS STRING), `user`)) MATCH_RECOGNIZE (PARTITION BY `user` ORDER BY `event_time`, `_place`, `_length`, `event_id` MEASURES LAST(S0.`id`) AS `failed.id`, LAST(S0.`ok`) AS `failed.ok`, LAST(S0.`ip`) AS `failed.ip`, LAST(S0.`at`) AS `failed.at`, LAST(S1.`id`) AS `entered.id`, LAST(S1.`ok`) AS `entered.ok`, LAST(S1.`ip`) AS `entered.ip`, LAST(S1.`at`) AS `entered.at`, LAST(S2.`id`) AS `again.id`, LAST(S2.`ok`) AS `again.ok`, LAST(S2.`ip`) AS `again.ip`, LAST(S2.`at`) AS `again.at`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, CAST(LAST(S2.`event_id`) AS STRING) AS `_id2`, CAST(LAST(S2.`event_time`) AS TIMESTAMP_LTZ(3)) AS `_at`, MATCH_ROWTIME(`event_time`) AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0{3} S1 S2) WITHIN INTERVAL '0 00:10:00.001' DAY(2) TO SECOND(3) DEFINE S0 AS (NOT S0.`ok`), S1 AS (S1.`ok`), S2 AS (S2.`ok` OR S2.`event_time` > TIMESTAMP '2024-01-01 00:00:00'))));
