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

CREATE TEMPORARY TABLE `sources`.`payments` (
  `__op` STRING,
  `id` BIGINT,
  `card` STRING,
  `amount` DECIMAL(10, 2),
  `fee` DECIMAL(10, 2),
  `rate` DECIMAL(4, 2),
  `score` INT,
  `unread_but_strict` INT,
  `at` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'payments',
  'properties.group.id' = 'default.columns',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'EPOCH_MICROS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = '__op;id;rate;score;unread_but_strict;at',
  'fraud-event.paths' = 'id=after.id;card=after.card;amount=after.amount;fee=after.fee;at=source.ts_us',
  'fraud-event.written-as-text' = 'amount',
  'fraud-event.rounded' = 'rate',
  'fraud-event.nulled' = 'fee;score',
  'stream' = 'payments',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`logins` (
  `card` STRING,
  `at` BIGINT,
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
  'properties.group.id' = 'default.columns',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'EPOCH_NANOS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'at',
  'fraud-event.nulled' = 'card',
  'stream' = 'logins',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.columns.payments.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream payments late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.columns.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream logins dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.columns.logins.dead-letters',
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
  'topic' = 'default.columns.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule large` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.columns.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule scores` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.columns.alerts',
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

-- stream payments -> stream payments dead-letters

INSERT INTO `sinks`.`stream payments dead-letters` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NOT NULL;

-- stream payments -> stream payments late

INSERT INTO `sinks`.`stream payments late` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NULL AND `_late`;

-- stream logins -> stream logins dead-letters

INSERT INTO `sinks`.`stream logins dead-letters` SELECT `_raw`, MAP['stream', CAST('logins' AS BYTES), 'topic', CAST('logins' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`logins` WHERE `_error` IS NOT NULL;

-- stream logins -> stream logins late

INSERT INTO `sinks`.`stream logins late` SELECT `_raw`, MAP['stream', CAST('logins' AS BYTES), 'topic', CAST('logins' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`logins` WHERE `_error` IS NULL AND `_late`;

-- rule large -> rule large

CREATE DATABASE IF NOT EXISTS `rule large`;

USE `rule large`;

CREATE TEMPORARY VIEW `payments` AS SELECT `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3631549900;

INSERT INTO `sinks`.`rule large` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"columns","rule":"large","rule_version":"462269ef","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"__op":?,"id":?,"card":?,"amount":?,"fee":?,"rate":?,"score":?,"unread_but_strict":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/columns/large', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('{#} at # \#1', `amount`, `rate`) AS `_reason` FROM (SELECT * FROM (SELECT `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900 AND `__op` <> 'd')) WHERE has_key('rule large', 'key card', `_id`, `card`)));

-- rule scores -> rule scores

CREATE DATABASE IF NOT EXISTS `rule scores`;

USE `rule scores`;

CREATE TEMPORARY VIEW `payments` AS SELECT `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1378791846 AND NOT `_late`;

INSERT INTO `sinks`.`rule scores` SELECT CONCAT('score/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"columns","rule":"scores","rule_version":"1700e970","severity":"Medium","mode":"Enforce","entity":{"type":"score","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"__op":?,"id":?,"card":?,"amount":?,"fee":?,"rate":?,"score":?,"unread_but_strict":?,"at":?,"n":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/columns/scores', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`, `n`) FROM (SELECT *, CAST(`score` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# times {x}', `n`) AS `_reason` FROM (SELECT * FROM (SELECT `__op`, `id`, `card`, `amount`, `fee`, `rate`, `score`, `unread_but_strict`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `n`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WHERE has_key('rule scores', 'key score', CAST(`event_id` AS STRING), `score`) WINDOW w AS (PARTITION BY `score` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`n` > 2)));
