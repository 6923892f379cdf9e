CREATE TABLE calibrations (
  composition TEXT    NOT NULL,            -- sha256:<hex>, the composition's key
  choices     TEXT    NOT NULL,            -- what inputs are answered with, JSON; [] where a head has the labels
  calibration TEXT    NOT NULL,            -- what /v1/calibrations says of it, JSON
  created_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (composition, choices)
) WITHOUT ROWID;
