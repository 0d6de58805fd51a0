CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION first_id AS 'io.frauddetector.flink.FirstId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION last_id AS 'io.frauddetector.flink.LastId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`payments` (
  `id` STRING,
  `card` STRING,
  `amount` DECIMAL(10, 2),
  `at` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS `_event_time` - INTERVAL '5' SECOND(2)
) WITH (
  'connector' = 'kafka',
  'topic' = 'payments',
  'properties.group.id' = 'default.filter',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'scan.watermark.idle-timeout' = '30000 ms',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;amount;at',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.filter.payments.dead-letters',
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
  'topic' = 'default.filter.late',
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
  'topic' = 'default.filter.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule first-of-a-day` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.filter.alerts',
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

INSERT INTO `sinks`.`stream payments late` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NULL AND `_event_time` <= CURRENT_WATERMARK(`_event_time`);

-- rule large -> rule large

CREATE DATABASE IF NOT EXISTS `rule large`;

USE `rule large`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3631549900;

INSERT INTO `sinks`.`rule large` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/filter/large', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'filter', KEY 'rule' VALUE 'large', KEY 'rule_version' VALUE '16e3ad1c', KEY 'severity' VALUE 'Critical', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'card', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'id' VALUE `id`, KEY 'card' VALUE `card`, KEY 'amount' VALUE `amount`, KEY 'at' VALUE `at`)) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null'), ' is more than 900') AS `_reason`, `_id` AS `_identity` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule first-of-a-day -> rule first-of-a-day

CREATE DATABASE IF NOT EXISTS `rule first-of-a-day`;

USE `rule first-of-a-day`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3306617455 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

INSERT INTO `sinks`.`rule first-of-a-day` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/filter/first-of-a-day', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'filter', KEY 'rule' VALUE 'first-of-a-day', KEY 'rule_version' VALUE 'e6c14e83', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'card', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'id' VALUE `id`, KEY 'card' VALUE `card`, KEY 'amount' VALUE `amount`, KEY 'at' VALUE `at`)) FROM (SELECT *, CONCAT('card ', COALESCE(CAST(`card` AS STRING), 'null'), ' was used') AS `_reason`, CAST(`_period` * 86400 AS STRING) AS `_identity` FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY `_entity`, `_period` ORDER BY `_time` ASC) AS `_rank` FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, (EXTRACT(EPOCH FROM `_time`) / 86400) AS `_period` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 0 AND `event_time` > TIMESTAMP '2024-01-01 00:00:00')))) WHERE `_rank` = 1);
