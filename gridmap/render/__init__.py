"""folium maps: one self-contained HTML file that opens from a USB stick without a network.

The only place with (lat, lng): Leaflet's order.
"""

from gridmap.render.frame import frame_map
from gridmap.render.place import place_map

__all__ = ["frame_map", "place_map"]
