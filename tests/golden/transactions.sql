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

CREATE TEMPORARY TABLE `sources`.`transactions` (
  `transaction_id` BIGINT,
  `account_id` BIGINT,
  `amount` DOUBLE,
  `merchant_id` INT,
  `timestamp` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'queueing.transactions',
  'properties.group.id' = 'default.transactions',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'transaction_id;account_id;amount;timestamp',
  'fraud-event.nulled' = 'merchant_id',
  'stream' = 'transactions',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream transactions dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.transactions.transactions.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream transactions late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.transactions.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output fraud` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'streaming.transactions.fraud',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output legit` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'streaming.transactions.legit',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule large-amount` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.transactions.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream transactions -> stream transactions dead-letters

INSERT INTO `sinks`.`stream transactions dead-letters` SELECT `_raw`, MAP['stream', CAST('transactions' AS BYTES), 'topic', CAST('queueing.transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`transactions` WHERE `_error` IS NOT NULL;

-- stream transactions -> stream transactions late

INSERT INTO `sinks`.`stream transactions late` SELECT `_raw`, MAP['stream', CAST('transactions' AS BYTES), 'topic', CAST('queueing.transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`transactions` WHERE `_error` IS NULL AND `_late`;

-- output fraud -> output fraud

INSERT INTO `sinks`.`output fraud` SELECT `_raw` FROM `sources`.`transactions` WHERE `_error` IS NULL AND `_offset` > -972362264 AND ((`amount` > (900E0))) IS TRUE;

-- output legit -> output legit

INSERT INTO `sinks`.`output legit` SELECT `_raw` FROM `sources`.`transactions` WHERE `_error` IS NULL AND `_offset` > -2308324518 AND ((`amount` > (900E0))) IS NOT TRUE;

-- rule large-amount -> rule large-amount

CREATE DATABASE IF NOT EXISTS `rule large-amount`;

USE `rule large-amount`;

CREATE TEMPORARY VIEW `transactions` AS SELECT `transaction_id`, `account_id`, `amount`, `merchant_id`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`transactions` WHERE `_error` IS NULL AND `_offset` > -2631170616;

INSERT INTO `sinks`.`rule large-amount` SELECT CONCAT('account/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"transactions","rule":"large-amount","rule_version":"40048810","severity":"High","mode":"Enforce","entity":{"type":"account","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"transaction_id":?,"account_id":?,"amount":?,"merchant_id":?,"timestamp":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/transactions/large-amount', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `transaction_id`, `account_id`, `amount`, `merchant_id`, `timestamp`) FROM (SELECT *, CAST(`account_id` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('amount # is above 900', `amount`) AS `_reason` FROM (SELECT `transaction_id`, `account_id`, `amount`, `merchant_id`, `timestamp`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `transactions` WHERE (`amount` > (900E0))));
