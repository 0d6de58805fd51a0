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
  `id` STRING,
  `card` STRING,
  `amount` DECIMAL(10, 2),
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
  'topic' = 'in.payments',
  'properties.group.id' = 'default.outputs',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;card;amount;at',
  'stream' = 'payments',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.outputs.payments.dead-letters',
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
  'topic' = 'default.outputs.late',
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

CREATE TEMPORARY TABLE `sinks`.`output passed-on` (
  `card` STRING,
  `cents` BIGINT,
  `day` DATE,
  `at` TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'kafka',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'passed-on',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output with-a-key` (
  `card` STRING,
  `amount` DECIMAL(10, 2)
) WITH (
  'connector' = 'kafka',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'key.fields' = 'card',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'out.with-a-key',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output per-card` (
  `card` STRING,
  `total` DECIMAL(38, 2),
  PRIMARY KEY (`card`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'per-card',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output per-minute` (
  `start` TIMESTAMP(3),
  `card` STRING,
  `times` BIGINT,
  PRIMARY KEY (`card`, `start`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'per-minute',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output flagged` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'flagged',
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

CREATE TEMPORARY TABLE `sinks`.`output clean` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'clean',
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

CREATE TEMPORARY TABLE `sinks`.`output large-only` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'large-only',
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
  'topic' = 'default.outputs.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule odd` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.outputs.alerts',
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

INSERT INTO `sinks`.`stream payments dead-letters` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('in.payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NOT NULL;

-- stream payments -> stream payments late

INSERT INTO `sinks`.`stream payments late` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('in.payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NULL AND `_late`;

-- output passed-on -> output passed-on

CREATE DATABASE IF NOT EXISTS `output passed-on`;

USE `output passed-on`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1586238010;

INSERT INTO `sinks`.`output passed-on` SELECT * FROM (SELECT card, attempt('output passed-on', 'CAST(amount * 100 AS BIGINT)', CAST(`payments`.`event_id` AS STRING), 'CAST(a0 AS BIGINT)', CAST(NULL AS BIGINT), amount * 100), CAST(event_time AS DATE), event_time FROM payments) AS written(`card`, `cents`, `day`, `at`) WHERE writable('output passed-on', 0, `card`, `cents`, `day`, `at`);

-- output with-a-key -> output with-a-key

CREATE DATABASE IF NOT EXISTS `output with-a-key`;

USE `output with-a-key`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1325304731;

INSERT INTO `sinks`.`output with-a-key` SELECT * FROM (SELECT card, amount FROM payments WHERE amount > 1) AS written(`card`, `amount`) WHERE writable('output with-a-key', 0, `card`, `amount`);

-- output per-card -> output per-card

CREATE DATABASE IF NOT EXISTS `output per-card`;

USE `output per-card`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1520932632 AND NOT `_late`;

INSERT INTO `sinks`.`output per-card` SELECT `card`, watch_key('output per-card', 1, `card`, `total`) AS `total` FROM (SELECT card, SUM(amount) FROM payments GROUP BY card) AS written(`card`, `total`) ON CONFLICT DO DEDUPLICATE;

-- output per-minute -> output per-minute

CREATE DATABASE IF NOT EXISTS `output per-minute`;

USE `output per-minute`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -2159440333 AND NOT `_late`;

INSERT INTO `sinks`.`output per-minute` SELECT * FROM (SELECT window_start, card, COUNT(*) FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY card, window_start, window_end) AS written(`start`, `card`, `times`) WHERE writable('output per-minute', 2, `card`, `start`, `times`) ON CONFLICT DO DEDUPLICATE;

-- output flagged -> output flagged

INSERT INTO `sinks`.`output flagged` SELECT `_raw` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3963403284 AND ((`amount` > 900) OR (CAST(`id` AS STRING) LIKE 'odd%' OR `_event_time` < TIMESTAMP '2024-01-01 00:00:00')) IS TRUE;

-- output clean -> output clean

INSERT INTO `sinks`.`output clean` SELECT `_raw` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -300274812 AND ((`amount` > 900) OR (CAST(`id` AS STRING) LIKE 'odd%' OR `_event_time` < TIMESTAMP '2024-01-01 00:00:00')) IS NOT TRUE;

-- output large-only -> output large-only

INSERT INTO `sinks`.`output large-only` SELECT `_raw` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1292472225 AND ((`amount` > 900)) IS TRUE;

-- rule large -> rule large

CREATE DATABASE IF NOT EXISTS `rule large`;

USE `rule large`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3631549900;

INSERT INTO `sinks`.`rule large` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"outputs","rule":"large","rule_version":"393975dd","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/outputs/large', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('#', `amount`) AS `_reason` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule odd -> rule odd

CREATE DATABASE IF NOT EXISTS `rule odd`;

USE `rule odd`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -188562173;

INSERT INTO `sinks`.`rule odd` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"outputs","rule":"odd","rule_version":"1cbe9be1","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/outputs/odd', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('#', `amount`) AS `_reason` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`event_id` LIKE 'odd%' OR `event_time` < TIMESTAMP '2024-01-01 00:00:00')));
