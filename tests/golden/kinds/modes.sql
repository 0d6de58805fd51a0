CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION first_id AS 'io.frauddetector.flink.FirstId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION last_id AS 'io.frauddetector.flink.LastId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`payments` (
  `id` STRING,
  `card` STRING,
  `amount` DOUBLE,
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
  'properties.group.id' = 'default.modes',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'scan.watermark.idle-timeout' = '30000 ms',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;card;amount;at',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.payments.dead-letters',
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
  'topic' = 'default.modes.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule enforced` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule enforced blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'black.list',
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

CREATE TEMPORARY TABLE `sinks`.`rule shadow` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule counted` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule counted blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'black.list',
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

-- output flagged -> output flagged

INSERT INTO `sinks`.`output flagged` SELECT `_raw` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3963403284 AND ((`amount` > 900)) IS TRUE;

-- rule enforced -> rule enforced

CREATE DATABASE IF NOT EXISTS `rule enforced`;

USE `rule enforced`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -672933393;

INSERT INTO `sinks`.`rule enforced` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/enforced', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'modes', KEY 'rule' VALUE 'enforced', KEY 'rule_version' VALUE '63bebd75', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'card', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'id' VALUE `id`, KEY 'card' VALUE `card`, KEY 'amount' VALUE `amount`, KEY 'at' VALUE `at`)) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null')) AS `_reason`, `_id` AS `_identity` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule enforced -> rule enforced blocked

USE `rule enforced`;

INSERT INTO `sinks`.`rule enforced blocked` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'who' VALUE `_entity`, KEY 'entity_type' VALUE 'card', KEY 'why' VALUE `_reason`, KEY 'when' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'until' VALUE DATE_FORMAT(CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '12' HOUR(2), 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'amount' VALUE `amount`, KEY 'rule' VALUE 'enforced', KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/enforced', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32)) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null')) AS `_reason`, `_id` AS `_identity` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule shadow -> rule shadow

CREATE DATABASE IF NOT EXISTS `rule shadow`;

USE `rule shadow`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3163007203;

INSERT INTO `sinks`.`rule shadow` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/shadow', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'modes', KEY 'rule' VALUE 'shadow', KEY 'rule_version' VALUE '413038b5', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Shadow', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'card', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'id' VALUE `id`, KEY 'card' VALUE `card`, KEY 'amount' VALUE `amount`, KEY 'at' VALUE `at`)) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null')) AS `_reason`, `_id` AS `_identity` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 800)));

-- rule counted -> rule counted

CREATE DATABASE IF NOT EXISTS `rule counted`;

USE `rule counted`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -845745931 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

INSERT INTO `sinks`.`rule counted` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/counted', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'modes', KEY 'rule' VALUE 'counted', KEY 'rule_version' VALUE 'e19c4163', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'card', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE `_count`, KEY 'ids' VALUE JSON(`_recent`)), KEY 'row' VALUE JSON_OBJECT(KEY 'id' VALUE `id`, KEY 'card' VALUE `card`, KEY 'amount' VALUE `amount`, KEY 'at' VALUE `at`, KEY 'times' VALUE `times`)) FROM (SELECT *, CONCAT(COALESCE(CAST(`times` AS STRING), 'null')) AS `_reason`, CAST(`_period` * 3600 AS STRING) AS `_identity` FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY `_entity`, `_period` ORDER BY `_time` ASC) AS `_rank` FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, (EXTRACT(EPOCH FROM `_time`) / 3600) AS `_period` FROM (SELECT * FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(*) OVER w AS `_count`, recent_ids(CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`times` > 3)))) WHERE `_rank` = 1);

-- rule counted -> rule counted blocked

USE `rule counted`;

INSERT INTO `sinks`.`rule counted blocked` SELECT CONCAT('card/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'who' VALUE `_entity`, KEY 'entity_type' VALUE 'card', KEY 'why' VALUE `_reason`, KEY 'when' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'until' VALUE DATE_FORMAT(CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '7' DAY(2), 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'amount' VALUE CAST(NULL AS DOUBLE), KEY 'rule' VALUE 'counted', KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/counted', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32)) FROM (SELECT *, CONCAT(COALESCE(CAST(`times` AS STRING), 'null')) AS `_reason`, CAST(`_period` * 3600 AS STRING) AS `_identity` FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY `_entity`, `_period` ORDER BY `_time` ASC) AS `_rank` FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, (EXTRACT(EPOCH FROM `_time`) / 3600) AS `_period` FROM (SELECT * FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(*) OVER w AS `_count`, recent_ids(CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`times` > 3)))) WHERE `_rank` = 1);
