CREATE TABLE clips (
	ref VARCHAR(32) NOT NULL,
	recorded_on VARCHAR(40) NOT NULL,
	"trigger" VARCHAR(16) NOT NULL,
	duration_ms INTEGER NOT NULL,
	device VARCHAR(80),
	customer VARCHAR(80),
	given_name VARCHAR(80),
	locality VARCHAR(160),
	latitude FLOAT,
	longitude FLOAT,
	transcript TEXT,
	wav BLOB,
	peaks JSON NOT NULL,
	withheld VARCHAR(40),
	withdrawn VARCHAR(40),
	kept_on VARCHAR(10) NOT NULL,
	PRIMARY KEY (ref)
);
CREATE TABLE kept_sessions (
	"key" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE annotations (
	id INTEGER NOT NULL,
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	transcription TEXT NOT NULL,
	intent VARCHAR(40) NOT NULL,
	effective VARCHAR(16) NOT NULL,
	heard JSON NOT NULL,
	annotated_at VARCHAR(40) NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(ref) REFERENCES clips (ref)
);
CREATE INDEX ix_annotations_ref ON annotations (ref);
CREATE TABLE joins (
	ref VARCHAR(32) NOT NULL,
	tag VARCHAR(64) NOT NULL,
	spans_digest VARCHAR(64) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
);
CREATE INDEX ix_joins_tag ON joins (tag);
CREATE TABLE owners (
	ref VARCHAR(32) NOT NULL,
	owner VARCHAR(200) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
);
CREATE INDEX ix_owners_owner ON owners (owner);
