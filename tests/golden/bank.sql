CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION first_id AS 'io.frauddetector.flink.FirstId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION last_id AS 'io.frauddetector.flink.LastId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`bank_transactions` (
  `transaction_id` STRING,
  `customer_id` STRING,
  `customer_name` STRING,
  `amount` DECIMAL(12, 2),
  `merchant` STRING,
  `country` STRING,
  `home_country` STRING,
  `timestamp` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS `_event_time` - INTERVAL '5' SECOND(2)
) WITH (
  'connector' = 'kafka',
  'topic' = 'bank_transactions',
  'properties.group.id' = 'default.bank',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'scan.watermark.idle-timeout' = '30000 ms',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'EPOCH_MILLIS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'transaction_id;customer_id;customer_name;amount;merchant;country;home_country;timestamp',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream bank_transactions dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.bank_transactions.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream bank_transactions late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.late',
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

CREATE TEMPORARY TABLE `sinks`.`output customer-risk` (
  `customer_id` STRING,
  `Name` STRING,
  `Total_Txns` BIGINT,
  `Fraud_Txns` BIGINT,
  `Avg_Amount` DECIMAL(12, 2),
  `Risk_Level` STRING,
  PRIMARY KEY (`customer_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'customer_risk',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output fraud-dashboard` (
  `minute` TIMESTAMP(3),
  `transactions` BIGINT,
  `frauds` BIGINT,
  `amount` DECIMAL(14, 2),
  `fraud_amount` DECIMAL(14, 2),
  PRIMARY KEY (`minute`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'fraud_dashboard',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule customer-turns-high` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule customer-turns-high blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'blocked_customers',
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

-- stream bank_transactions -> stream bank_transactions dead-letters

INSERT INTO `sinks`.`stream bank_transactions dead-letters` SELECT `_raw`, MAP['stream', CAST('bank_transactions' AS BYTES), 'topic', CAST('bank_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`bank_transactions` WHERE `_error` IS NOT NULL;

-- stream bank_transactions -> stream bank_transactions late

INSERT INTO `sinks`.`stream bank_transactions late` SELECT `_raw`, MAP['stream', CAST('bank_transactions' AS BYTES), 'topic', CAST('bank_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_event_time` <= CURRENT_WATERMARK(`_event_time`);

-- output customer-risk -> output customer-risk

CREATE DATABASE IF NOT EXISTS `output customer-risk`;

USE `output customer-risk`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -3047048866 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

INSERT INTO `sinks`.`output customer-risk` SELECT customer_id, MAX(customer_name), COUNT(*), SUM(fraud), CAST(AVG(amount) AS DECIMAL(12, 2)),
       CASE WHEN SUM(fraud) >= (3) THEN 'High' WHEN SUM(fraud) >= 1 THEN 'Moderate' ELSE 'Low' END
FROM judged GROUP BY customer_id ON CONFLICT DO DEDUPLICATE;

-- output fraud-dashboard -> output fraud-dashboard

CREATE DATABASE IF NOT EXISTS `output fraud-dashboard`;

USE `output fraud-dashboard`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -2764955348 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

INSERT INTO `sinks`.`output fraud-dashboard` SELECT window_start, COUNT(*), SUM(fraud), CAST(SUM(amount) AS DECIMAL(14, 2)),
       CAST(SUM(CASE WHEN fraud = 1 THEN amount ELSE 0 END) AS DECIMAL(14, 2))
FROM TABLE(TUMBLE(TABLE judged, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end ON CONFLICT DO DEDUPLICATE;

-- rule customer-turns-high -> rule customer-turns-high

CREATE DATABASE IF NOT EXISTS `rule customer-turns-high`;

USE `rule customer-turns-high`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -2824476965 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

CREATE TEMPORARY VIEW `history` AS SELECT transaction_id, customer_id, customer_name, amount, fraud, event_time, event_id,
       SUM(fraud) OVER (PARTITION BY customer_id ORDER BY event_time) AS frauds
FROM judged;

INSERT INTO `sinks`.`rule customer-turns-high` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/bank/customer-turns-high', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'bank', KEY 'rule' VALUE 'customer-turns-high', KEY 'rule_version' VALUE 'e38528aa', KEY 'severity' VALUE 'Critical', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'customer', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'customer_id' VALUE `customer_id`, KEY 'customer_name' VALUE `customer_name`, KEY 'amount' VALUE `amount`, KEY 'frauds' VALUE `frauds`)) FROM (SELECT *, CAST(`customer_id` AS STRING) AS `_entity`, CONCAT(COALESCE(CAST(`customer_name` AS STRING), 'null'), ' has ', COALESCE(CAST(`frauds` AS STRING), 'null'), ' fraudulent transactions, the last of ', COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null'), ': risk is High from ', '3', ' on') AS `_reason`, `_id` AS `_identity` FROM (SELECT `customer_id`, `customer_name`, `amount`, `frauds`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM (SELECT customer_id, customer_name, amount, frauds, event_time, event_id FROM (
  SELECT customer_id, customer_name, amount, frauds, event_time, event_id,
         LAG(frauds, 1, 0) OVER (PARTITION BY customer_id ORDER BY event_time) AS before
  FROM history
) WHERE frauds >= (3) AND before < (3))));

-- rule customer-turns-high -> rule customer-turns-high blocked

USE `rule customer-turns-high`;

INSERT INTO `sinks`.`rule customer-turns-high blocked` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'who' VALUE `_entity`, KEY 'entity_type' VALUE 'customer', KEY 'why' VALUE `_reason`, KEY 'when' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'until' VALUE DATE_FORMAT(CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '30' DAY(2), 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'amount' VALUE `amount`, KEY 'rule' VALUE 'customer-turns-high', KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/bank/customer-turns-high', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32)) FROM (SELECT *, CAST(`customer_id` AS STRING) AS `_entity`, CONCAT(COALESCE(CAST(`customer_name` AS STRING), 'null'), ' has ', COALESCE(CAST(`frauds` AS STRING), 'null'), ' fraudulent transactions, the last of ', COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`amount` AS DECIMAL(38, 4)) AS STRING))), CAST(`amount` AS STRING)), 'null'), ': risk is High from ', '3', ' on') AS `_reason`, `_id` AS `_identity` FROM (SELECT `customer_id`, `customer_name`, `amount`, `frauds`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM (SELECT customer_id, customer_name, amount, frauds, event_time, event_id FROM (
  SELECT customer_id, customer_name, amount, frauds, event_time, event_id,
         LAG(frauds, 1, 0) OVER (PARTITION BY customer_id ORDER BY event_time) AS before
  FROM history
) WHERE frauds >= (3) AND before < (3))));
